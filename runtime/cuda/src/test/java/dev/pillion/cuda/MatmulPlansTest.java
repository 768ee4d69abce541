package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.kernels.driver.MatmulLibrary;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Plans by shape: found again, bounded, and those of steps that may be recorded are never lost. */
class MatmulPlansTest {
    private static final int COLUMNS = 64;

    /** Knows which plans live. */
    private static final class Counting implements MatmulLibrary {
        private final Set<Long> live = new HashSet<>();
        private long made;

        @Override
        public String description() {
            return "counts plans";
        }

        @Override
        public long plan(Shape shape, long workspaceBytes) {
            live.add(++made);
            return made;
        }

        @Override
        public void forget(long plan) {
            assertThat(live.remove(plan)).as("plan %d lived", plan).isTrue();
        }

        @Override
        public void run(long plan, long a, long b, long out, long workspace, long stream) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            live.clear();
        }
    }

    private final Counting library = new Counting();
    private final MatmulPlans plans = new MatmulPlans(library, shape -> library.plan(
            new MatmulLibrary.Shape(
                    shape.rows(), shape.outputs(), shape.columns(), MatmulLibrary.Type.F16, MatmulLibrary.Type.F16),
            0));

    private long plan(int rows, boolean keep) {
        return plans.plan(rows, 32, COLUMNS, false, keep);
    }

    @Test
    void everyPartOfAShapeCounts() {
        Set<Long> handles = new HashSet<>();
        for (int round = 0; round < 2; round++) {
            handles.add(plans.plan(128, 32, COLUMNS, false, false));
            handles.add(plans.plan(129, 32, COLUMNS, false, false));
            handles.add(plans.plan(128, 33, COLUMNS, false, false));
            handles.add(plans.plan(128, 32, COLUMNS + 1, false, false));
            handles.add(plans.plan(128, 32, COLUMNS, true, false));
        }
        assertThat(handles).hasSize(5);
        assertThat(library.made).isEqualTo(5);
    }

    @Test
    void theOneUsedLongestAgoMakesRoom() {
        for (int rows = 1; rows <= MatmulPlans.MOST_UNKEPT; rows++) {
            plan(rows, false);
        }
        long first = plan(1, false);
        plan(MatmulPlans.MOST_UNKEPT + 1, false);
        assertThat(library.live).hasSize(MatmulPlans.MOST_UNKEPT).contains(first);
        long before = library.made;
        assertThat(plan(1, false)).isEqualTo(first);
        assertThat(library.made).as("still known").isEqualTo(before);
        plan(2, false);
        assertThat(library.made).as("forgotten").isEqualTo(before + 1);
    }

    @Test
    void plansOfRecordedStepsStay() {
        long made = plan(8, false);
        assertThat(plan(8, true)).isEqualTo(made);
        long kept = plan(16, true);
        for (int rows = 100; rows < 100 + 3 * MatmulPlans.MOST_UNKEPT; rows++) {
            plan(rows, false);
        }
        assertThat(library.live).hasSize(MatmulPlans.MOST_UNKEPT + 2).contains(made, kept);
        assertThat(plan(8, false)).isEqualTo(made);
    }
}
