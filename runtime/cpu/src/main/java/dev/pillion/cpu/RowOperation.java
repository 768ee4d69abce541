package dev.pillion.cpu;

/**
 * An operation that treats every row by itself. Operations are allocated once per backend and filled by their
 * {@code with} before each run, so that a step allocates nothing.
 */
abstract class RowOperation implements WorkerPool.Task {
    /** Elements below which waking another thread costs more than it saves. */
    private static final int SHARED_ELEMENTS = 1 << 14;

    private static final int TASKS_PER_THREAD = 4;

    private int rows;
    private int rowsPerTask;

    /** Does one row. */
    abstract void row(int row, int slot);

    /**
     * Does rows zero to {@code rows}, each of about {@code elements} elements, with as many threads as are worth it.
     */
    final void run(WorkerPool pool, int rows, int elements) {
        this.rows = rows;
        long total = (long) rows * elements;
        int smallest = Math.max(1, SHARED_ELEMENTS / Math.max(1, elements));
        int even = Math.ceilDiv(rows, TASKS_PER_THREAD * pool.threads());
        rowsPerTask = total <= SHARED_ELEMENTS ? Math.max(1, rows) : Math.max(smallest, even);
        pool.run(Math.ceilDiv(rows, rowsPerTask), this);
    }

    @Override
    public final void run(int index, int slot) {
        int end = Math.min(rows, (index + 1) * rowsPerTask);
        for (int row = index * rowsPerTask; row < end; row++) {
            row(row, slot);
        }
    }
}
