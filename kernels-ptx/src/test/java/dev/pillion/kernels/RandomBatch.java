package dev.pillion.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A random step: decodes, chunks and verifications, some in groups that share a prefix. */
final class RandomBatch {
    final AttentionBatch batch;
    final int groups;
    final int tokens;
    /** Segment of each token. */
    final int[] segmentOf;
    /** Group of each segment. */
    final int[] groupOf;

    RandomBatch(SplittableRandom random) {
        int blockTokens = 8 << random.nextInt(3);
        List<int[]> segments = new ArrayList<>();
        groups = 1 + random.nextInt(8);
        int[] shared = new int[groups];
        int longest = 1 << (4 + random.nextInt(11));
        for (int g = 0; g < groups; g++) {
            int members = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : 1;
            shared[g] = members > 1 && random.nextInt(4) > 0 ? random.nextInt(1 + longest / blockTokens) : 0;
            for (int m = 0; m < members; m++) {
                int length = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(random.nextBoolean() ? 8 : 200);
                segments.add(new int[] {g, shared[g] * blockTokens + random.nextInt(longest), length});
            }
        }
        int[] segmentStart = new int[segments.size() + 1];
        int[] blockStart = new int[segments.size() + 1];
        int[] groupStart = new int[groups + 1];
        groupOf = new int[segments.size()];
        for (int s = 0; s < segments.size(); s++) {
            int[] segment = segments.get(s);
            groupOf[s] = segment[0];
            segmentStart[s + 1] = segmentStart[s] + segment[2];
            blockStart[s + 1] = blockStart[s] + Math.ceilDiv(segment[1] + segment[2], blockTokens);
            groupStart[segment[0] + 1] = s + 1;
        }
        tokens = segmentStart[segments.size()];
        int[] positions = new int[tokens];
        segmentOf = new int[tokens];
        for (int s = 0; s < segments.size(); s++) {
            for (int t = segmentStart[s]; t < segmentStart[s + 1]; t++) {
                positions[t] = segments.get(s)[1] + t - segmentStart[s];
                segmentOf[t] = s;
            }
        }
        batch = new AttentionBatch(positions, segmentStart, blockStart, groupStart, shared, blockTokens);
    }

    int segments() {
        return groupOf.length;
    }

    @Override
    public String toString() {
        return groups + " groups, " + segments() + " segments, " + tokens + " tokens";
    }
}
