package dev.pillion.model.architecture;

import java.util.Arrays;
import java.util.List;

/** How rotary frequencies are changed to reach contexts longer than those of pre-training. */
public sealed interface RopeScaling {
    /** Changes {@code frequencies}, radians per position by pair, in place. */
    void scale(double[] frequencies, double base);

    /** Factor on cosines and sines. */
    default float magnitude() {
        return 1;
    }

    /** Frequencies as trained. */
    record None() implements RopeScaling {
        @Override
        public void scale(double[] frequencies, double base) {}
    }

    /**
     * Position interpolation (Chen et al. 2023): every pair turns slower by the same factor.
     *
     * @param factor context extension
     */
    record Linear(double factor) implements RopeScaling {
        @Override
        public void scale(double[] frequencies, double base) {
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
        }
    }

    /**
     * Llama 3.1's rule: slow pairs are interpolated, fast ones kept, with a linear blend between the two wavelengths.
     *
     * @param factor context extension
     * @param lowFrequencyFactor wavelengths longer than {@code originalContext / lowFrequencyFactor} are interpolated
     * @param highFrequencyFactor wavelengths shorter than {@code originalContext / highFrequencyFactor} are kept
     * @param originalContext context of pre-training, in tokens
     */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext)
            implements RopeScaling {
        @Override
        public void scale(double[] frequencies, double base) {
            for (int i = 0; i < frequencies.length; i++) {
                double turns = originalContext * frequencies[i] / (2 * Math.PI);
                double keep = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
                keep = Math.clamp(keep, 0, 1);
                frequencies[i] = (1 - keep) * frequencies[i] / factor + keep * frequencies[i];
            }
        }
    }

    /**
     * Divisors by pair, as GGUF files carry them in the tensor {@code rope_freqs.weight} (how Llama 3.1's rule is stored
     * there).
     *
     * @param divisors one per pair
     */
    record Divisors(List<Float> divisors) implements RopeScaling {
        @Override
        public void scale(double[] frequencies, double base) {
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= divisors.get(i);
            }
        }
    }

    /**
     * YaRN (Peng et al. 2023, section 3): pairs that turn more than {@code betaFast} times within the original context keep
     * their frequency, those that turn less than {@code betaSlow} times are interpolated, with a ramp over the pair index
     * between; attention is made sharper through {@code magnitude}.
     *
     * @param factor context extension
     * @param originalContext context of pre-training, in tokens
     * @param betaFast turns from which on a pair is kept
     * @param betaSlow turns up to which a pair is interpolated
     * @param truncate whether the ramp's ends are rounded to whole pairs, as most files expect
     * @param magnitude factor on cosines and sines; {@link #defaultMagnitude} where the file gives none
     */
    record Yarn(
            double factor, int originalContext, double betaFast, double betaSlow, boolean truncate, float magnitude)
            implements RopeScaling {

        /** The paper's fit: {@code 0.1 ln(factor) + 1}. */
        public static float defaultMagnitude(double factor) {
            return factor <= 1 ? 1 : (float) (0.1 * Math.log(factor) + 1);
        }

        @Override
        public void scale(double[] frequencies, double base) {
            int dimensions = 2 * frequencies.length;
            double low = pairTurning(betaFast, dimensions, base);
            double high = pairTurning(betaSlow, dimensions, base);
            if (truncate) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, dimensions - 1);
            double span = Math.max(high - low, 0.001);
            for (int i = 0; i < frequencies.length; i++) {
                double interpolate = Math.clamp((i - low) / span, 0, 1);
                frequencies[i] = frequencies[i] / factor * interpolate + frequencies[i] * (1 - interpolate);
            }
        }

        /** The (fractional) pair index that turns {@code turns} times within the original context. */
        private double pairTurning(double turns, int dimensions, double base) {
            return dimensions * Math.log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }
    }

    /** Divisors from an array. */
    static RopeScaling divisors(float[] values) {
        Float[] boxed = new Float[values.length];
        Arrays.setAll(boxed, i -> values[i]);
        return new Divisors(List.of(boxed));
    }
}
