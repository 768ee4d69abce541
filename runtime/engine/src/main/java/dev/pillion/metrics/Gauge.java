package dev.pillion.metrics;

/** Numbers that rise and fall: how things stand after the last turn of the engine. */
public enum Gauge {
    /** Requests submitted and not yet scheduled for the first time. */
    REQUESTS_WAITING("requests.waiting", Unit.REQUESTS),
    /** Sequences that hold blocks and are computed. */
    SEQUENCES_RUNNING("sequences.running", Unit.SEQUENCES),
    /** Sequences in the scheduler's queue, preempted ones among them. */
    SEQUENCES_WAITING("sequences.waiting", Unit.SEQUENCES),
    /** Known tokens of all sequences in the scheduler's queue. */
    TOKENS_WAITING("tokens.waiting", Unit.TOKENS),

    /** All KV blocks of the device. */
    KV_BLOCKS("kv.blocks", Unit.BLOCKS),
    /** Blocks that sequences hold. */
    KV_BLOCKS_USED("kv.blocks.used", Unit.BLOCKS),
    /** Blocks that can be taken, cached ones among them. */
    KV_BLOCKS_FREE("kv.blocks.free", Unit.BLOCKS),
    /** Blocks that a prefix hit can find, held or free. */
    KV_BLOCKS_CACHED("kv.blocks.cached", Unit.BLOCKS),
    /** Most blocks that any step so far held. */
    KV_BLOCKS_PEAK("kv.blocks.peak", Unit.BLOCKS),
    /** All KV blocks of the host tier. */
    KV_HOST_BLOCKS("kv.host_blocks", Unit.BLOCKS),
    /** Blocks of the host tier that a prefix hit can find. */
    KV_HOST_BLOCKS_CACHED("kv.host_blocks.cached", Unit.BLOCKS),

    /** All weights, as stored in the model's files. */
    WEIGHTS("weights.bytes", Unit.BYTES),
    /** Weights copied to the device's own memory; 0 where they stay mapped. */
    WEIGHTS_COPIED("weights.copied_bytes", Unit.BYTES),
    /** From the first weight handed to the backend until all were where it reads them. */
    WEIGHTS_LOAD_TIME("weights.load_time", Unit.NANOSECONDS),

    /** Tokens the last step was allowed. */
    STEP_BUDGET("step.budget", Unit.TOKENS),
    /** How long the last step was predicted to take; 0 without a latency target. */
    STEP_PREDICTED_TIME("step.predicted_time", Unit.NANOSECONDS);

    private final String key;
    private final Unit unit;

    Gauge(String key, Unit unit) {
        this.key = key;
        this.unit = unit;
    }

    /** Its name in docs/metrics.md and for exporters. */
    public String key() {
        return key;
    }

    /** What it is measured in. */
    public Unit unit() {
        return unit;
    }
}
