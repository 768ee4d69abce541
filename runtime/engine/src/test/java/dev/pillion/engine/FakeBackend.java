package dev.pillion.engine;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Backend;
import dev.pillion.spi.DeviceProfile;
import dev.pillion.spi.DeviceSampling;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.OperationCounters;
import dev.pillion.spi.Rope;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.Weight;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A device that computes {@link FakeFunction} and checks what it is told to do: attention reads every visible position
 * from the blocks of the segment's table and fails the test where one holds anything but the token written there by
 * the same tokens before it. Broken rules end in an {@link AssertionError}, which the engine does not retry.
 *
 * <p>One that overlaps steps does nothing before {@link #await}: until then it has only written down what to do, so that
 * whatever the host changes too early shows. Hasty, it runs ahead of the host as far as it can. What is given up leaves
 * garbage wherever it was to write.
 *
 * <p>A test interferes through {@link #probe}: called at every {@link Moment}, it may look, throw or wait. What a
 * moment that throws was about to write is garbled, as a device would leave it.
 */
final class FakeBackend implements Backend {
    /** Where a step can be looked at or made to fail. */
    enum Moment {
        /** A block is about to be copied. */
        COPY,
        /** A step begins: nothing is written. */
        BEGIN,
        /** Keys and values are about to be written. */
        WRITE,
        /** Keys and values are written. */
        FINISH,
        /** Logits are about to be read. */
        DOWNLOAD
    }

    private record Rows(long[] values, int columns) implements DeviceTensor {
        @Override
        public int rowCapacity() {
            return values.length;
        }
    }

    /** A step on its way: what it was told, and what to do. */
    private static final class Work {
        final StepBatch batch;
        final FakeKvPool pool;
        final List<Runnable> operations = new ArrayList<>();
        boolean done;

        Work(StepBatch batch, FakeKvPool pool) {
            this.batch = batch;
            this.pool = pool;
        }
    }

    private record NamedWeight(String name, TensorType type, int rows, int columns) implements Weight {}

    final List<FakeKvPool> pools = new ArrayList<>();
    final AtomicInteger closes = new AtomicInteger();
    volatile Consumer<Moment> probe = moment -> {};
    /** Steps that were finished. */
    volatile int steps;

    /** Whether steps overlap and tokens are sampled here. */
    private final boolean overlaps;
    /** Whether a step runs as soon as the one before it is over. */
    boolean hasty;

    private final Deque<Work> submitted = new ArrayDeque<>();
    private final List<Runnable> copies = new ArrayList<>();
    private @Nullable FakeSampling sampling;
    /** The step whose operations are being enqueued, and the one that runs. */
    private @Nullable Work composing;

    private @Nullable Work running;
    private @Nullable Thread stepThread;
    private boolean stepped;
    private boolean muted;

    FakeBackend() {
        this(false);
    }

    FakeBackend(boolean overlaps) {
        this.overlaps = overlaps;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String description() {
        return "remembers tokens";
    }

    @Override
    public DeviceProfile profile() {
        return DeviceProfile.host(1 << 30);
    }

    @Override
    public Weight weight(Tensor tensor) {
        return new NamedWeight(tensor.name(), tensor.type(), (int) tensor.rows(), (int) tensor.columns());
    }

    @Override
    public DeviceTensor allocate(int rowCapacity, int columns) {
        require(!stepped, "memory is allocated after the first step");
        return new Rows(new long[rowCapacity], columns);
    }

    @Override
    public KvPool allocateKvPool(KvLayout layout, int blocks, KvPool.Tier tier) {
        require(!stepped, "memory is allocated after the first step");
        FakeKvPool pool = new FakeKvPool(layout, blocks, tier);
        pools.add(pool);
        return pool;
    }

    @Override
    public void copyBlock(KvPool from, int fromBlock, KvPool to, int toBlock) {
        require(composing == null, "a block is copied within a step");
        require(closes.get() == 0, "the backend is used after it was closed");
        FakeKvPool target = (FakeKvPool) to;
        boolean came = false;
        try {
            probe.accept(Moment.COPY);
            copies.add(() -> target.copyFrom((FakeKvPool) from, fromBlock, toBlock));
            came = true;
        } finally {
            if (!came) {
                copies.add(() -> target.garbleBlock(toBlock));
            }
            if (!overlaps) {
                runCopies();
            }
        }
    }

    private void runCopies() {
        copies.forEach(Runnable::run);
        copies.clear();
    }

    @Override
    public void begin(StepBatch value, KvPool pool) {
        require(composing == null, "a step begins within a step");
        require(submitted.size() < 2, "a third step begins");
        require(closes.get() == 0, "the backend is used after it was closed");
        require(pool.tier() == KvPool.Tier.DEVICE, "attention is to read the host tier");
        stepped = true;
        BatchRules.check(value, pool);
        require(value.takenCount() == 0 || submitted.size() == 1, "tokens are taken from a step that does not run");
        probe.accept(Moment.BEGIN);
        composing = new Work(overlaps ? Batches.copy(value) : value, (FakeKvPool) pool);
        stepThread = Thread.currentThread();
        List<Runnable> before = new ArrayList<>(copies);
        copies.clear();
        enqueue(() -> before.forEach(Runnable::run));
        if (sampling != null) {
            sampling.beginStep();
        }
    }

    /** Does what is to be done now, or, where steps overlap, when its turn comes. */
    private void enqueue(Runnable operation) {
        Work work = composing;
        if (work == null) {
            throw new AssertionError("an operation outside of a step");
        }
        if (overlaps) {
            work.operations.add(operation);
        } else {
            operation.run();
        }
    }

    /** Tokens of the step under way. */
    int tokens() {
        return step().tokenCount();
    }

    @Override
    public void embed(Weight table, DeviceTensor out) {
        enqueue(() -> {
            StepBatch now = step();
            for (int i = 0; i < now.takenCount(); i++) {
                now.tokens[now.takenTokens[i]] = sampling().deviceToken(now.takenRows[i]);
            }
            for (int i = 0; i < now.tokenCount(); i++) {
                rows(out)[i] = now.tokens[i];
            }
        });
    }

    @Override
    public void rmsNorm(DeviceTensor x, Weight gain, float epsilon, DeviceTensor out, int rows) {
        enqueue(() -> System.arraycopy(rows(x), 0, rows(out), 0, rows));
    }

    @Override
    public void addRmsNorm(DeviceTensor residual, DeviceTensor delta, Weight gain, float epsilon, DeviceTensor out) {
        add(residual, delta);
        enqueue(() -> System.arraycopy(rows(residual), 0, rows(out), 0, step().tokenCount()));
    }

    @Override
    public void add(DeviceTensor residual, DeviceTensor delta) {
        enqueue(() -> {
            for (int i = 0; i < step().tokenCount(); i++) {
                rows(residual)[i] = FakeFunction.add(rows(residual)[i], rows(delta)[i]);
            }
        });
    }

    @Override
    public void linear(DeviceTensor in, Weight w, @Nullable Weight bias, DeviceTensor out, int rows) {
        require(in.columns() == w.columns() && out.columns() == w.rows(), "shapes do not fit " + w.name());
        enqueue(() -> System.arraycopy(rows(in), 0, rows(out), 0, rows));
    }

    @Override
    public void headNorm(DeviceTensor x, int heads, Weight gain, float epsilon) {
        throw new AssertionError("the model has no head norms");
    }

    @Override
    public void ropeAndWriteKv(DeviceTensor q, DeviceTensor k, DeviceTensor v, Rope rope, AttentionSpec attention) {
        enqueue(this::writeAll);
    }

    private void writeAll() {
        boolean came = false;
        try {
            if (!muted) {
                probe.accept(Moment.WRITE);
            }
            came = true;
        } finally {
            for (int s = 0; s < step().segmentCount(); s++) {
                write(s, came);
            }
        }
    }

    /** Where the write did not come through, the first half of the segment is right and the rest is garbage. */
    private void write(int segment, boolean came) {
        StepBatch now = step();
        FakeKvPool pool = pool();
        int first = now.segmentStart[segment];
        int end = now.segmentStart[segment + 1];
        int start = now.positions[first];
        long prefix = start == 0 ? FakeFunction.EMPTY : pool.prefix(slot(segment, start - 1));
        for (int i = first; i < end; i++) {
            int slot = slot(segment, now.positions[i]);
            prefix = FakeFunction.append(prefix, now.tokens[i], now.positions[i]);
            if (came || i < (first + end) / 2) {
                pool.write(slot, now.tokens[i], now.positions[i], prefix);
            } else {
                pool.garble(slot);
            }
        }
    }

    @Override
    public void attention(DeviceTensor q, AttentionSpec attention, DeviceTensor out) {
        enqueue(() -> {
            for (int s = 0; s < step().segmentCount(); s++) {
                attend(s, rows(out));
            }
        });
    }

    private void attend(int segment, long[] out) {
        StepBatch now = step();
        FakeKvPool pool = pool();
        int first = now.segmentStart[segment];
        int start = now.positions[first];
        int end = now.positions[now.segmentStart[segment + 1] - 1] + 1;
        int firstToken = pool.token(slot(segment, 0));
        long prefix = FakeFunction.EMPTY;
        for (int p = 0; p < end; p++) {
            int slot = slot(segment, p);
            prefix = FakeFunction.append(prefix, pool.token(slot), p);
            if (pool.position(slot) != p || pool.prefix(slot) != prefix) {
                throw new AssertionError("segment " + segment + " of positions " + start + " to " + end
                        + " reads position " + p + " from slot " + slot + ", which holds token " + pool.token(slot)
                        + " at " + pool.position(slot));
            }
            if (p >= start) {
                out[first + p - start] = FakeFunction.attended(prefix, firstToken);
            }
        }
    }

    @Override
    public void gatedActivation(Activation activation, DeviceTensor gate, DeviceTensor up, DeviceTensor out) {
        enqueue(() -> System.arraycopy(rows(gate), 0, rows(out), 0, step().tokenCount()));
    }

    @Override
    public void gatherLogitRows(DeviceTensor in, DeviceTensor out) {
        enqueue(() -> {
            for (int i = 0; i < step().logitCount(); i++) {
                rows(out)[i] = rows(in)[step().logitRows[i]];
            }
        });
    }

    @Override
    public Optional<DeviceSampling> sampling(int rowCapacity, int vocabularySize, int adjustmentCapacity) {
        sampling = overlaps ? new FakeSampling(logits -> enqueue(() -> sample(logits))) : null;
        return Optional.ofNullable(sampling);
    }

    private void sample(DeviceTensor logits) {
        long[] hidden = Arrays.copyOf(rows(logits), step().logitCount());
        sampling().run(hidden);
    }

    private FakeSampling sampling() {
        if (sampling == null) {
            throw new AssertionError("nobody asked for sampling");
        }
        return sampling;
    }

    @Override
    public void finish() {
        require(!overlaps, "a step is finished that could be submitted");
        step();
        probe.accept(Moment.FINISH);
        composing = null;
        steps++;
    }

    @Override
    public boolean overlaps() {
        return overlaps;
    }

    @Override
    public void submit() {
        if (overlaps) {
            Work work = composing;
            require(work != null, "no step to submit");
            submitted.add(work);
            composing = null;
        } else {
            finish();
        }
    }

    @Override
    public void await() {
        if (!overlaps) {
            return;
        }
        execute(submitted.getFirst());
        probe.accept(Moment.FINISH);
        submitted.removeFirst();
        sampling().over();
        steps++;
        if (hasty && !submitted.isEmpty()) {
            muted = true;
            execute(submitted.getFirst());
            muted = false;
        }
    }

    private void execute(Work work) {
        if (work.done) {
            return;
        }
        running = work;
        sampling().beginNext();
        try {
            work.operations.forEach(Runnable::run);
            work.done = true;
        } finally {
            running = null;
        }
    }

    @Override
    public void abandon() {
        if (!overlaps) {
            step();
            composing = null;
        } else if (composing != null) {
            garble(composing);
            sampling().dropNewest();
            composing = null;
        } else {
            garble(submitted.removeLast());
            sampling().dropNewest();
        }
    }

    /** The work of a step that is given up may have come to anything, after that of the steps before it. */
    private void garble(Work work) {
        if (submitted.size() == 1 && submitted.getFirst() != work && composing == work) {
            execute(submitted.getFirst());
        }
        work.operations.subList(0, Math.min(1, work.operations.size())).forEach(Runnable::run);
        running = work;
        for (int s = 0; s < work.batch.segmentCount(); s++) {
            write(s, false);
        }
        running = null;
    }

    @Override
    public void download(DeviceTensor source, int row, float[] target, int offset) {
        require(composing == null, "logits are read before the step is finished");
        require(submitted.isEmpty(), "logits are read that the next step may have overwritten");
        require(closes.get() == 0, "the backend is used after it was closed");
        probe.accept(Moment.DOWNLOAD);
        FakeFunction.logits(rows(source)[row], target, offset);
    }

    @Override
    public OperationCounters counters() {
        return new OperationCounters();
    }

    @Override
    public void close() {
        closes.incrementAndGet();
        require(composing == null && submitted.isEmpty(), "the backend is closed within a step");
    }

    /** Fails the test unless a device block holds the keys and values of this token at this position. */
    void requireHolds(int block, int position, int token) {
        FakeKvPool pool = pools.getFirst();
        int slot = pool.slot(block, position);
        if (pool.token(slot) != token || pool.position(slot) != position) {
            throw new AssertionError("block " + block + " holds token " + pool.token(slot) + " at "
                    + pool.position(slot) + " where token " + token + " at " + position + " belongs");
        }
    }

    private int slot(int segment, int position) {
        return pool().slot(
                step().blocks[step().blockStart[segment] + position / step().blockTokens()], position);
    }

    private Work work() {
        Work work = overlaps && running != null ? running : composing;
        if (work == null) {
            throw new AssertionError("an operation outside of a step");
        }
        require(stepThread == Thread.currentThread(), "a second thread works on a step");
        return work;
    }

    private StepBatch step() {
        return work().batch;
    }

    private FakeKvPool pool() {
        return work().pool;
    }

    private static long[] rows(DeviceTensor tensor) {
        return ((Rows) tensor).values();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
