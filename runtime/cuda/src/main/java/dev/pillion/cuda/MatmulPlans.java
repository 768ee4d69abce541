package dev.pillion.cuda;

import dev.pillion.kernels.driver.MatmulLibrary;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Plans of the vendor's matrix products by shape. Chunks of prompts come in any number of rows, so the plan used longest ago
 * makes room; plans that decode steps use are kept, since a graph may be recorded between two uses, and while one is recorded
 * no algorithm can be chosen. Those are few: one for each size of a graph. Looking a plan up allocates nothing.
 */
final class MatmulPlans {
    /** Some hundred numbers of rows times the few shapes of a model's matrices. */
    static final int MOST_UNKEPT = 512;

    private final MatmulLibrary library;
    private final ToLongFunction<Shape> planner;
    /** The plan used last comes last. */
    private final Map<Shape, Plan> plans = new LinkedHashMap<>(64, 0.75f, true);

    private final Shape wanted = new Shape();
    private int unkept;

    /** Rows of a product and the matrix it is with; changed only where it is no key. */
    static final class Shape {
        private int rows;
        private int outputs;
        private int columns;
        private boolean logits;

        int rows() {
            return rows;
        }

        int outputs() {
            return outputs;
        }

        int columns() {
            return columns;
        }

        /** Whether results are F32. */
        boolean logits() {
            return logits;
        }

        private Shape set(int newRows, int newOutputs, int newColumns, boolean newLogits) {
            rows = newRows;
            outputs = newOutputs;
            columns = newColumns;
            logits = newLogits;
            return this;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Shape shape
                    && rows == shape.rows
                    && outputs == shape.outputs
                    && columns == shape.columns
                    && logits == shape.logits;
        }

        @Override
        public int hashCode() {
            return ((rows * 31 + outputs) * 31 + columns) * 2 + (logits ? 1 : 0);
        }
    }

    private static final class Plan {
        final long handle;
        boolean kept;

        Plan(long handle) {
            this.handle = handle;
        }
    }

    /**
     * No plans yet.
     *
     * @param library frees the plans that make room
     * @param planner makes a plan
     */
    MatmulPlans(MatmulLibrary library, ToLongFunction<Shape> planner) {
        this.library = library;
        this.planner = planner;
    }

    /**
     * The plan of a shape, made now if need be.
     *
     * @param keep whether it is for a step that may be recorded
     */
    long plan(int rows, int outputs, int columns, boolean logits, boolean keep) {
        Plan plan = plans.get(wanted.set(rows, outputs, columns, logits));
        if (plan == null) {
            Shape added = new Shape().set(rows, outputs, columns, logits);
            plan = new Plan(planner.applyAsLong(added));
            plans.put(added, plan);
            unkept++;
        }
        if (keep && !plan.kept) {
            plan.kept = true;
            unkept--;
        }
        if (unkept > MOST_UNKEPT) {
            forgetOldest();
        }
        return plan.handle;
    }

    private void forgetOldest() {
        Iterator<Plan> oldestFirst = plans.values().iterator();
        while (oldestFirst.hasNext()) {
            Plan plan = oldestFirst.next();
            if (!plan.kept) {
                oldestFirst.remove();
                unkept--;
                library.forget(plan.handle);
                return;
            }
        }
    }
}
