package dev.pillion.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AttentionPlannerTest {
    private static final int NO_WINDOW = Integer.MAX_VALUE;

    private record Item(
            int firstToken, int tokenCount, int blockOffset, int kvStart, int kvEnd, int partial, int window) {
        int positions() {
            return kvEnd - kvStart;
        }
    }

    private static List<Item> items(AttentionItems items) {
        List<Item> list = new ArrayList<>();
        for (int i = 0; i < items.count(); i++) {
            int[] v = Arrays.copyOfRange(items.ints(), i * AttentionItems.INTS, (i + 1) * AttentionItems.INTS);
            list.add(new Item(v[0], v[1], v[2], v[3], v[4], v[5], v[6]));
        }
        return list;
    }

    private static AttentionGeometry randomGeometry(SplittableRandom random) {
        int kvHeads = 1 + random.nextInt(8);
        int[] groups = {1, 2, 3, 4, 5, 7, 8, 16, 32};
        return new AttentionGeometry(random.nextInt(4) == 0 ? "f32" : "bf16",
                kvHeads * groups[random.nextInt(groups.length)], kvHeads, 128);
    }

    private static AttentionPlanner roomy(AttentionGeometry geometry, int blocks) {
        return new AttentionPlanner(geometry, new AttentionPlanner.Limits(4096, 8192, 8192, 1 << 16), blocks, blocks);
    }

    @Test
    void everyVisiblePositionIsReadOnceAndEveryPartialResultIsMerged() {
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AttentionGeometry geometry = randomGeometry(random);
            int window = random.nextBoolean() ? NO_WINDOW : 1 + random.nextInt(2000);
            RandomBatch step = new RandomBatch(random);
            AttentionPlanner planner = roomy(geometry, 1 + random.nextInt(500));
            planner.plan(step.batch, step.groups, window);
            requireCover(planner, step, window, "seed " + seed + ", " + geometry + ", " + step);
        }
    }

    private static void requireCover(AttentionPlanner planner, RandomBatch step, int window, String what) {
        List<List<Item>> itemsOf = new ArrayList<>();
        for (int t = 0; t < step.tokens; t++) {
            itemsOf.add(new ArrayList<>());
        }
        List<Item> all = items(planner.small());
        all.addAll(items(planner.large()));
        for (Item item : all) {
            assertThat(item.kvStart).as(what).isGreaterThanOrEqualTo(0).isLessThan(item.kvEnd);
            assertThat(item.window).as(what).isEqualTo(window);
            for (int t = item.firstToken; t < item.firstToken + item.tokenCount; t++) {
                itemsOf.get(t).add(item);
                requireTable(step, t, item, what);
            }
        }
        int[] slotUsed = new int[planner.partials()];
        for (int t = 0; t < step.tokens; t++) {
            requireToken(planner, step, t, window, itemsOf.get(t), slotUsed, what);
        }
        assertThat(Arrays.stream(slotUsed).allMatch(uses -> uses == 1)).as(what).isTrue();
    }

    /** An item reads a token's positions through its segment's table, or through another's as far as both share. */
    private static void requireTable(RandomBatch step, int token, Item item, String what) {
        int segment = step.segmentOf[token];
        if (item.blockOffset != step.batch.blockStart()[segment]) {
            int group = step.groupOf[segment];
            int[] tables = Arrays.copyOf(step.batch.blockStart(), step.segments());
            assertThat(step.groupOf[Arrays.binarySearch(tables, item.blockOffset)]).as(what).isEqualTo(group);
            assertThat(item.kvEnd).as(what)
                    .isLessThanOrEqualTo(step.batch.groupSharedBlocks()[group] * step.batch.blockTokens());
        }
    }

    private static void requireToken(
            AttentionPlanner planner, RandomBatch step, int token, int window, List<Item> items, int[] slotUsed,
            String what) {
        int position = step.batch.positions()[token];
        int from = Math.max(0, position - window + 1);
        List<Item> ascending = new ArrayList<>(items);
        ascending.sort((a, b) -> Integer.compare(a.kvStart, b.kvStart));
        int reached = from;
        for (Item item : ascending) {
            int start = Math.max(from, item.kvStart);
            int end = Math.min(position + 1, item.kvEnd);
            if (start < end) {
                assertThat(start).as(what + ", token " + token).isEqualTo(reached);
                reached = end;
            }
        }
        assertThat(reached).as(what + ", token " + token).isEqualTo(position + 1);
        int first = planner.partialStart()[token];
        int end = planner.partialStart()[token + 1];
        if (first == end) {
            assertThat(items).as(what).hasSize(1);
            assertThat(items.getFirst().partial).as(what).isNegative();
            return;
        }
        List<Integer> slots = new ArrayList<>();
        for (int i = first; i < end; i++) {
            slots.add(planner.partialSlots()[i]);
            slotUsed[planner.partialSlots()[i]]++;
        }
        assertThat(slots).as(what).containsExactlyInAnyOrderElementsOf(
                items.stream().map(item -> item.partial + token - item.firstToken).toList());
        assertThat(items).as(what).allMatch(item -> item.partial >= 0);
    }

    @Test
    void rowsOfAnItemFitItsKernel() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AttentionGeometry geometry = randomGeometry(random);
            RandomBatch step = new RandomBatch(random);
            AttentionPlanner planner = roomy(geometry, 100);
            planner.plan(step.batch, step.groups, NO_WINDOW);
            for (Item item : items(planner.small())) {
                assertThat(item.tokenCount == 1 || item.tokenCount * geometry.group() <= geometry.small().rows())
                        .as("seed " + seed).isTrue();
            }
            for (Item item : items(planner.large())) {
                assertThat(item.tokenCount == 1 || item.tokenCount * geometry.group() <= geometry.large().rows())
                        .as("seed " + seed).isTrue();
            }
        }
    }

    @Test
    void piecesFitOneWaveIfTilesDoAndAreNotShortWithoutNeed() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AttentionGeometry geometry = new AttentionGeometry("bf16", 32, 8, 128);
            RandomBatch step = new RandomBatch(random);
            roomyPlan(step, geometry, Integer.MAX_VALUE);
            AttentionPlanner uncut = roomyPlan(step, geometry, 1);
            int wave = 1 + random.nextInt(80);
            AttentionPlanner planner = roomyPlan(step, geometry, wave * geometry.kvHeads());
            String what = "seed " + seed + ", wave " + wave + ", " + step;
            requireWave(items(uncut.small()), items(planner.small()), wave, what);
            requireWave(items(uncut.large()), items(planner.large()), wave, what);
        }
    }

    private static AttentionPlanner roomyPlan(RandomBatch step, AttentionGeometry geometry, int blocks) {
        AttentionPlanner planner = roomy(geometry, blocks);
        planner.plan(step.batch, step.groups, NO_WINDOW);
        return planner;
    }

    /** A wave of one cuts nothing, so its items are the tiles. */
    private static void requireWave(List<Item> tiles, List<Item> pieces, int wave, String what) {
        if (tiles.size() <= wave) {
            assertThat(pieces.size()).as(what).isLessThanOrEqualTo(wave);
        } else {
            assertThat(pieces.size()).as(what).isLessThanOrEqualTo(tiles.size() + wave);
        }
        long shortOnes = pieces.stream().filter(item -> item.positions() < AttentionPlanner.LEAST_CHUNK / 2).count();
        assertThat(shortOnes).as(what).isLessThanOrEqualTo(tiles.size());
    }

    @Test
    void oneLongDecodeIsSpreadOverTheDevice() {
        AttentionBatch batch = decodes(8192);
        AttentionGeometry geometry = new AttentionGeometry("bf16", 32, 8, 128);
        AttentionPlanner planner = roomy(geometry, 264);
        planner.plan(batch, 1, NO_WINDOW);
        assertThat(planner.small().count()).isBetween(30, 33);
        assertThat(planner.large().count()).isZero();
        assertThat(items(planner.small())).allMatch(item -> item.positions() <= 320);
        assertThat(planner.partials()).isEqualTo(planner.small().count());
    }

    @Test
    void manyEqualDecodesAreNotCut() {
        int[] positions = new int[256];
        Arrays.fill(positions, 8191);
        AttentionPlanner planner = roomy(new AttentionGeometry("bf16", 32, 8, 128), 264);
        planner.plan(decodes(positions), 256, NO_WINDOW);
        assertThat(planner.small().count()).isEqualTo(256);
        assertThat(planner.partials()).isZero();
    }

    @Test
    void oneLongAmongManyShortIsCutToItsFairShare() {
        int[] positions = new int[256];
        Arrays.fill(positions, 1023);
        positions[17] = 131071;
        AttentionPlanner planner = roomy(new AttentionGeometry("bf16", 32, 8, 128), 264);
        planner.plan(decodes(positions), 256, NO_WINDOW);
        List<Item> items = items(planner.small());
        assertThat(items.getFirst().positions()).isLessThanOrEqualTo((131072 + 255 * 1024) / 33 + 64);
        assertThat(items.getFirst().firstToken).isEqualTo(17);
        assertThat(items.getLast().positions()).isEqualTo(1024);
        assertThat(planner.partials()).isEqualTo(items.size() - 255);
    }

    @Test
    void aPrefixIsReadOncePerGroupAndByLongChunksThemselves() {
        int[] positions = new int[5 + 100];
        for (int i = 0; i < 5; i++) {
            positions[i] = 1000 + 7 * i;
        }
        for (int i = 0; i < 100; i++) {
            positions[5 + i] = 960 + i;
        }
        AttentionBatch batch = new AttentionBatch(positions, new int[] {0, 1, 2, 3, 4, 5, 105},
                new int[] {0, 100, 200, 300, 400, 500, 600}, new int[] {0, 6}, new int[] {60}, 16);
        AttentionPlanner planner = roomy(new AttentionGeometry("bf16", 8, 2, 64), 1);
        planner.plan(batch, 1, NO_WINDOW);
        List<Item> prefix = items(planner.large()).stream().filter(item -> item.firstToken == 0).toList();
        assertThat(prefix).singleElement().satisfies(item -> {
            assertThat(item.tokenCount).isEqualTo(5);
            assertThat(item.kvStart).isZero();
            assertThat(item.kvEnd).isEqualTo(960);
        });
        assertThat(items(planner.small())).hasSize(5).allMatch(item -> item.kvStart == 960);
        assertThat(items(planner.large())).hasSize(1 + 7)
                .allMatch(item -> item.kvStart == 0)
                .allMatch(item -> item.firstToken == 0 || item.partial < 0);
    }

    @Test
    void limitsAreKeptByCuttingLessAndThenBySharingLess() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AttentionGeometry geometry = new AttentionGeometry("bf16", 8, 2, 128);
            RandomBatch step = new RandomBatch(random);
            AttentionPlanner.Limits limits = new AttentionPlanner.Limits(
                    step.tokens, step.segments() + random.nextInt(20), Math.ceilDiv(step.tokens, 16) + step.segments(),
                    random.nextInt(1 + 2 * step.tokens));
            AttentionPlanner planner = new AttentionPlanner(geometry, limits, 500, 500);
            planner.plan(step.batch, step.groups, NO_WINDOW);
            String what = "seed " + seed + ", " + limits + ", " + step;
            assertThat(planner.partials()).as(what).isLessThanOrEqualTo(limits.partials());
            requireCover(planner, step, NO_WINDOW, what);
        }
    }

    @Test
    void tooFewItemsForTheStepIsAnErrorWithTheNumbers() {
        AttentionPlanner planner = new AttentionPlanner(new AttentionGeometry("bf16", 8, 2, 128),
                new AttentionPlanner.Limits(8, 2, 8, 100), 10, 10);
        assertThatThrownBy(() -> planner.plan(decodes(5, 6, 7), 3, NO_WINDOW))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs 3 small and 0 large items; room for 2 and 8");
        assertThatThrownBy(() -> planner.plan(decodes(1, 2, 3, 4, 5, 6, 7, 8, 9), 9, NO_WINDOW))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("9 tokens; room for 8");
    }

    @Test
    void anEarlierStepLeavesNothingBehind() {
        AttentionGeometry geometry = new AttentionGeometry("bf16", 8, 2, 128);
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AttentionPlanner used = roomy(geometry, 300);
            RandomBatch before = new RandomBatch(random);
            used.plan(before.batch, before.groups, NO_WINDOW);
            RandomBatch step = new RandomBatch(random);
            used.plan(step.batch, step.groups, 500);
            AttentionPlanner fresh = roomy(geometry, 300);
            fresh.plan(step.batch, step.groups, 500);
            assertThat(used.small().ints()).as("seed " + seed).isEqualTo(fresh.small().ints());
            assertThat(used.large().ints()).as("seed " + seed).isEqualTo(fresh.large().ints());
            assertThat(used.partialStart()).as("seed " + seed).isEqualTo(fresh.partialStart());
            assertThat(Arrays.copyOf(used.partialSlots(), used.partials())).as("seed " + seed)
                    .isEqualTo(Arrays.copyOf(fresh.partialSlots(), fresh.partials()));
        }
    }

    /** Decodes at these positions, each a group. */
    private static AttentionBatch decodes(int... positions) {
        int count = positions.length;
        int[] ordinals = new int[count + 1];
        int[] blockStart = new int[count + 1];
        for (int i = 0; i < count; i++) {
            ordinals[i + 1] = i + 1;
            blockStart[i + 1] = blockStart[i] + positions[i] / 16 + 1;
        }
        return new AttentionBatch(positions, ordinals, blockStart, ordinals, new int[count], 16);
    }
}
