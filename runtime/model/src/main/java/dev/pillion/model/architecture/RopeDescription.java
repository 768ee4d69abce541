package dev.pillion.model.architecture;

/**
 * Rotary position embedding (RoFormer, section 3.4): which elements pair up, how fast each pair turns, and what was done to
 * the frequencies for contexts longer than the training's.
 *
 * @param adjacentPairs true where elements {@code 2i, 2i+1} pair up (GGUF files of Llama models), false where
 *     {@code i, i + dimensions/2} do (Hugging Face checkpoints, Qwen)
 * @param dimensions elements of a head that turn; the rest pass through
 * @param base theta: pair {@code i} turns by {@code base^(-2i/dimensions)} per position
 * @param scaling change of the frequencies
 */
public record RopeDescription(boolean adjacentPairs, int dimensions, double base, RopeScaling scaling) {
    /** Radians per position of each pair, after scaling. */
    public float[] inverseFrequencies() {
        int pairs = dimensions / 2;
        double[] frequencies = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = Math.pow(base, -2.0 * i / dimensions);
        }
        scaling.scale(frequencies, base);
        float[] result = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            result[i] = (float) frequencies[i];
        }
        return result;
    }

    /** Factor on cosines and sines. */
    public float magnitude() {
        return scaling.magnitude();
    }
}
