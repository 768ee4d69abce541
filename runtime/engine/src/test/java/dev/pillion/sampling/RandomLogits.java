package dev.pillion.sampling;

import java.util.SplittableRandom;

/** Logits of several shapes: smooth, with many ties, peaked, with banned tokens. */
final class RandomLogits {
    private RandomLogits() {}

    static float[] row(SplittableRandom random, int vocabularySize) {
        float[] logits = new float[vocabularySize];
        int shape = random.nextInt(4);
        for (int i = 0; i < vocabularySize; i++) {
            double normal = random.nextGaussian(0, 3);
            logits[i] = switch (shape) {
                case 0 -> (float) normal;
                case 1 -> (float) Math.rint(normal);
                case 2 -> (float) (random.nextInt(50) == 0 ? normal + 12 : normal);
                default -> random.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : (float) (8 * normal);
            };
        }
        logits[random.nextInt(vocabularySize)] = (float) random.nextGaussian(0, 3);
        return logits;
    }
}
