package dev.pillion.simulator.device;

import dev.pillion.scheduler.BatchPlan;
import dev.pillion.scheduler.Operation;
import dev.pillion.simulator.InstanceModel;
import java.util.Locale;

/**
 * A model on the GPUs of one instance. A stage has a run of layers, as even as can be, the first stages one more where they do
 * not divide; the first has the embedding too, the last the logits. Within a stage each layer's matrices are cut among the ranks,
 * which add up their results after the attention and after the feed-forward; the logits are gathered. A stage's time is that of
 * its operations one after the other, with a gap between kernels.
 *
 * <p>Stages lie in one server as long as eight GPUs hold the instance, beyond that each in a server of its own.
 *
 * <p><b>Energy</b> is a model, not a measurement: while a stage works each of its GPUs draws, beyond idling,
 * {@code (peak - idle) * (0.3 + 0.7 * u)} watts, where {@code u} is the higher of the shares of its arithmetic rate and of its
 * bandwidth that the step uses.
 *
 * <p>A step's time takes the same few operations however many decodes it has; times that depend on the number of tokens alone are
 * kept once computed.
 */
public final class GpuInstance implements InstanceModel {
    /** GPUs of one server. */
    static final int SERVER_GPUS = 8;

    private static final Operation[] LAYER = {
        Operation.NORM, Operation.NORM, Operation.QKV, Operation.ROPE_KV_WRITE, Operation.ATTENTION_OUT, Operation.GATE_UP,
        Operation.ACTIVATION, Operation.DOWN
    };
    private static final int ACTIVATION_BYTES = 2;
    /** Share of the range between idle and peak watts that a busy GPU draws with little to compute or to move. */
    private static final double BUSY = 0.3;

    private final TransformerSizes model;
    private final TransformerSizes rank;
    private final GpuDevice device;
    private final InstanceOptions options;
    private final OperatorTimes times;
    private final SecondsByRows layer;
    private final SecondsByRows embedding;
    private final SecondsByRows logits;

    /**
     * An instance whose operations follow the roofline with fitted coefficients.
     *
     * @throws IllegalArgumentException if the model cannot be cut that way, or its weights do not fit
     */
    public GpuInstance(TransformerSizes model, GpuDevice device, InstanceOptions options) {
        this(
                model, device, options,
                new RooflineOperatorTimes(
                        model.rank(options.ranks()), options.quantisation(), options.kv(), device, options.launch()));
    }

    /**
     * An instance with operator times of one's own.
     *
     * @param times of one rank's operations
     * @throws IllegalArgumentException if the model cannot be cut that way, or its weights do not fit
     */
    public GpuInstance(TransformerSizes model, GpuDevice device, InstanceOptions options, OperatorTimes times) {
        this.model = model;
        this.device = device;
        this.options = options;
        this.times = times;
        this.rank = model.rank(options.ranks());
        if (options.stages() > model.layers()) {
            throw new IllegalArgumentException(
                    options.stages() + " pipeline stages cannot share " + model.layers() + " layers of " + model.name());
        }
        AllReduceModel allReduce =
                options.ranks() == 1 ? null : OperatorCoefficients.named(device.coefficients()).allReduce(options.ranks());
        layer = new SecondsByRows(rows -> {
            double seconds = LAYER.length * device.kernelGapSeconds();
            for (Operation operation : LAYER) {
                seconds += times.seconds(operation, rows);
            }
            double sums = allReduce == null
                    ? 0
                    : allReduce.seconds(device, (double) rows * model.hidden() * ACTIVATION_BYTES) + device.kernelGapSeconds();
            return seconds + 2 * sums;
        });
        embedding = new SecondsByRows(rows -> times.seconds(Operation.EMBED, rows) + device.kernelGapSeconds());
        logits = new SecondsByRows(rows -> times.seconds(Operation.NORM, rows)
                + times.seconds(Operation.LOGITS, rows)
                + 2 * device.kernelGapSeconds()
                + gatherSeconds(rows));
        for (int stage = 0; stage < options.stages(); stage++) {
            if (freeBytes(stage) <= 0) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s in %s cut into %d ranks and %d stages needs %.1f GB of weights on a GPU of stage %d; %s has %.1f GB"
                                + " for weights and KV cache: give more ranks or stages, or fewer bits",
                        model.name(), options.quantisation(), options.ranks(), options.stages(), stageWeightBytes(stage) / 1e9,
                        stage, device.name(), device.memoryBytes() * options.memoryShare() / 1e9));
            }
        }
    }

    /** Each rank has its part of every row and gets those of the others. */
    private double gatherSeconds(long rows) {
        double bytes = (double) rows * rank.vocab() * (options.ranks() - 1) * ACTIVATION_BYTES;
        return bytes / device.linkBytesPerSecond();
    }

    @Override
    public String description() {
        return model.name() + ", " + options.quantisation() + " weights, " + options.kv() + " KV, "
                + gpus() + " x " + device.name() + ", " + options.ranks() + (options.ranks() == 1 ? " rank, " : " ranks, ")
                + options.stages() + (options.stages() == 1 ? " stage" : " stages");
    }

    /** The model. */
    public TransformerSizes model() {
        return model;
    }

    /** The device. */
    public GpuDevice device() {
        return device;
    }

    /** How the model is laid out. */
    public InstanceOptions options() {
        return options;
    }

    @Override
    public int pipelineStages() {
        return options.stages();
    }

    @Override
    public int gpus() {
        return options.ranks() * options.stages();
    }

    /** Layers of a stage. */
    public int stageLayers(int stage) {
        return model.layers() / options.stages() + (stage < model.layers() % options.stages() ? 1 : 0);
    }

    /** Layers of a stage that have a window; taken to be spread evenly. */
    private int windowedLayers(int stage) {
        return (int) ((long) model.windowedLayers() * stageLayers(stage) / model.layers());
    }

    @Override
    public long stageNanos(BatchPlan step, int stage) {
        return Math.round(stageSeconds(step, stage) * 1e9);
    }

    private double stageSeconds(BatchPlan step, int stage) {
        int windowed = windowedLayers(stage);
        long inWindow = windowed == 0 ? 0 : StepWork.chunkWorkInWindow(step, model.windowTokens());
        return stageSeconds(
                stage, StepWork.chunks(step), step.prefillTokens(), step.prefillWork(), inWindow,
                step.decodeTokens(), step.decodeContext(), step.logitsRows());
    }

    /**
     * Seconds a stage spends on a step of one chunk and some decodes, for what-if questions; all decodes and, if asked for, the
     * chunk want logits.
     *
     * @param chunkStart position of the chunk's first token
     * @param chunkTokens tokens of the chunk, 0 for none
     * @param decodes decodes
     * @param decodeContext sum of the tokens they attend to, themselves included
     */
    public double stageSeconds(
            int stage, int chunkStart, int chunkTokens, boolean chunkWantsLogits, int decodes, long decodeContext) {
        int window = model.windowTokens() == 0 ? Integer.MAX_VALUE : model.windowTokens();
        return stageSeconds(
                stage, chunkTokens == 0 ? 0 : 1, chunkTokens,
                StepWork.attendedInWindow(chunkStart, chunkTokens, Integer.MAX_VALUE),
                StepWork.attendedInWindow(chunkStart, chunkTokens, window),
                decodes, decodeContext, decodes + (chunkWantsLogits ? 1 : 0));
    }

    private double stageSeconds(
            int stage, long chunks, long chunkTokens, long chunkWork, long chunkWorkInWindow, long decodes, long decodeContext,
            long logitsRows) {
        long tokens = chunkTokens + decodes;
        if (tokens == 0) {
            return 0;
        }
        int layers = stageLayers(stage);
        int windowed = windowedLayers(stage);
        double seconds = layers * layer.at(tokens);
        seconds += layers * ((chunks > 0 ? 1 : 0) + (decodes > 0 ? 1 : 0)) * device.kernelGapSeconds();
        if (windowed < layers) {
            seconds += (layers - windowed) * times.attentionSeconds(chunks, chunkTokens, chunkWork, decodes, decodeContext);
        }
        if (windowed > 0) {
            seconds += windowed * times.attentionSeconds(
                    chunks, chunkTokens, chunkWorkInWindow, decodes,
                    StepWork.decodeContextInWindow(decodes, decodeContext, model.windowTokens()));
        }
        seconds += stage == 0 ? embedding.at(tokens) : 0;
        return seconds + (stage == options.stages() - 1 && logitsRows > 0 ? logits.at(logitsRows) : 0);
    }

    @Override
    public long activationTransferNanos(BatchPlan step) {
        if (options.stages() == 1 || step.tokens() == 0) {
            return 0;
        }
        boolean oneServer = gpus() <= SERVER_GPUS;
        double rate = oneServer ? device.linkBytesPerSecond() : device.networkBytesPerSecond();
        // Each rank sends its part of the residual stream to its counterpart.
        double bytes = (double) step.tokens() * model.hidden() * ACTIVATION_BYTES / options.ranks();
        return Math.round((TransferLatency.seconds(oneServer) + bytes / rate) * 1e9);
    }

    @Override
    public long hostNanos(BatchPlan step) {
        return Math.round((options.hostSeconds() + step.size() * options.hostSecondsPerSequence()) * 1e9);
    }

    @Override
    public double stepJoules(BatchPlan step) {
        double joules = 0;
        for (int stage = 0; stage < options.stages(); stage++) {
            double seconds = stageSeconds(step, stage);
            if (seconds > 0) {
                double arithmetic = stageFlops(step, stage)
                        / (device.flopsPerSecond(options.quantisation().arithmetic()) * seconds);
                double memory = stageBytes(step, stage) / (device.bytesPerSecond() * seconds);
                double load = BUSY + (1 - BUSY) * Math.min(1, Math.max(arithmetic, memory));
                joules += options.ranks() * (device.peakWatts() - device.idleWatts()) * load * seconds;
            }
        }
        return joules;
    }

    /** Floating-point operations of one rank in a stage. */
    double stageFlops(BatchPlan step, int stage) {
        int layers = stageLayers(stage);
        int windowed = windowedLayers(stage);
        double attended = (double) (layers - windowed) * (step.prefillWork() + step.decodeContext());
        if (windowed > 0) {
            attended += (double) windowed * (StepWork.chunkWorkInWindow(step, model.windowTokens())
                    + StepWork.decodeContextInWindow(step.decodeTokens(), step.decodeContext(), model.windowTokens()));
        }
        double logitsFlops = stage == options.stages() - 1 ? 2.0 * step.logitsRows() * rank.vocab() * rank.hidden() : 0;
        return 2.0 * layers * rank.layerWeights() * step.tokens() + 4.0 * rank.queries() * attended + logitsFlops;
    }

    /** Bytes of weights, keys and values one rank reads in a stage. */
    double stageBytes(BatchPlan step, int stage) {
        int layers = stageLayers(stage);
        int windowed = windowedLayers(stage);
        double read =
                (double) (layers - windowed) * (StepWork.chunkReadTokens(step, Integer.MAX_VALUE) + step.decodeContext());
        if (windowed > 0) {
            read += (double) windowed * (StepWork.chunkReadTokens(step, model.windowTokens())
                    + StepWork.decodeContextInWindow(step.decodeTokens(), step.decodeContext(), model.windowTokens()));
        }
        boolean withLogits = stage == options.stages() - 1 && step.logitsRows() > 0;
        double weights = (double) layers * rank.layerWeights() + (withLogits ? (double) rank.vocab() * rank.hidden() : 0);
        return weights * options.quantisation().bitsPerWeight() / 8 + read * rank.kvBytesPerLayer(options.kv());
    }

    @Override
    public double idleWatts() {
        return gpus() * device.idleWatts();
    }

    @Override
    public double dollarsPerHour() {
        return gpus() * device.dollarsPerHour();
    }

    /** Bytes of weights on a GPU of a stage. */
    public double stageWeightBytes(int stage) {
        double weights = (double) stageLayers(stage) * rank.layerWeights();
        double table = (double) rank.vocab() * rank.hidden();
        boolean last = stage == options.stages() - 1;
        weights += stage == 0 ? table : 0;
        weights += last && !(model.tied() && stage == 0) ? table : 0;
        return weights * options.quantisation().bitsPerWeight() / 8;
    }

    private double freeBytes(int stage) {
        return device.memoryBytes() * options.memoryShare() - stageWeightBytes(stage);
    }

    @Override
    public long kvBlocks(int blockTokens) {
        long blocks = Long.MAX_VALUE;
        for (int stage = 0; stage < options.stages(); stage++) {
            double blockBytes = (double) blockTokens * stageLayers(stage) * rank.kvBytesPerLayer(options.kv());
            blocks = Math.min(blocks, (long) (freeBytes(stage) / blockBytes));
        }
        return blocks;
    }

    @Override
    public long kvBytesPerToken() {
        return (long) options.ranks() * model.layers() * rank.kvBytesPerLayer(options.kv());
    }

    @Override
    public double kvTransferBytesPerSecond() {
        return gpus() * device.networkBytesPerSecond();
    }
}
