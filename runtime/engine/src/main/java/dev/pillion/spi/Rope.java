package dev.pillion.spi;

/**
 * Rotary position embedding of a layer: the pair {@code (a, b)} at frequency index {@code i} of the token at position
 * {@code p} turns by the angle {@code p * inverseFrequencies[i]} and is scaled by {@code magnitude} (RoFormer, section
 * 3.4; the frequency changes of linear, llama3 and yarn scaling are already in the values).
 *
 * <p>Compared by identity: a backend may cache sines and cosines per instance.
 */
public final class Rope {
    /** Which two elements of a head form a pair. */
    public enum Pairing {
        /** Elements {@code 2i} and {@code 2i + 1}: the original order, and what GGUF files of Llama models hold. */
        ADJACENT,
        /** Elements {@code i} and {@code i + dim/2}: the order of Hugging Face checkpoints and of GPT-NeoX. */
        HALVES
    }

    private final Pairing pairing;
    private final float[] inverseFrequencies;
    private final float magnitude;

    /**
     * Creates a rotation.
     *
     * @param pairing which elements form a pair
     * @param inverseFrequencies radians per position, one per pair; twice its length is the number of rotated elements,
     *     the elements of a head beyond them pass through
     * @param magnitude factor on cosine and sine (yarn's attention factor), 1 otherwise
     */
    public Rope(Pairing pairing, float[] inverseFrequencies, float magnitude) {
        this.pairing = pairing;
        this.inverseFrequencies = inverseFrequencies.clone();
        this.magnitude = magnitude;
    }

    /** Which elements form a pair. */
    public Pairing pairing() {
        return pairing;
    }

    /** Number of pairs. */
    public int pairs() {
        return inverseFrequencies.length;
    }

    /** Elements of a head that turn. */
    public int dimensions() {
        return 2 * inverseFrequencies.length;
    }

    /** Radians per position of pair {@code i}. */
    public float inverseFrequency(int i) {
        return inverseFrequencies[i];
    }

    /** Factor on cosine and sine. */
    public float magnitude() {
        return magnitude;
    }
}
