package dev.pillion.metrics;

/** Values whose spread matters, each kept as a {@link Histogram}. */
public enum Distribution {
    /** TTFT: submission to first token. */
    TIME_TO_FIRST_TOKEN("request.ttft", Unit.NANOSECONDS),
    /** TBT, also called ITL: gap between two consecutive tokens of one sample. */
    TIME_BETWEEN_TOKENS("request.tbt", Unit.NANOSECONDS),
    /** Submission to first scheduled. */
    QUEUE_TIME("request.queue_time", Unit.NANOSECONDS),
    /** First scheduled to first token. */
    PREFILL_TIME("request.prefill_time", Unit.NANOSECONDS),
    /** First token to last. */
    DECODE_TIME("request.decode_time", Unit.NANOSECONDS),
    /** Submission to last token. */
    TOTAL_TIME("request.total_time", Unit.NANOSECONDS),
    /** Tokens of a prompt. */
    PROMPT_TOKENS("request.prompt_tokens", Unit.TOKENS),
    /** Tokens of all samples of a request. */
    GENERATED_TOKENS("request.generated_tokens", Unit.TOKENS),

    /** A step from the start of its planning to the end of its commit. */
    STEP_TIME("step.time", Unit.NANOSECONDS),
    /** Of that, what was spent outside the backend. */
    STEP_HOST_TIME("step.host_time", Unit.NANOSECONDS),
    /** Of a step, deciding what it computes. */
    STEP_PLAN_TIME("step.plan_time", Unit.NANOSECONDS),
    /** Of a step, filling the batch: copies of blocks, the backend's own planning. */
    STEP_FILL_TIME("step.fill_time", Unit.NANOSECONDS),
    /** Of a step, putting operations on the device's queue; 0 where the backend computes in the calls. */
    STEP_ENQUEUE_TIME("step.enqueue_time", Unit.NANOSECONDS),
    /** Of a step, waiting for the device; where the backend computes in the calls, computing. */
    STEP_WAIT_TIME("step.wait_time", Unit.NANOSECONDS),
    /** Of a step, sampling what the device has not sampled, handing tokens over, committing. */
    STEP_COMMIT_TIME("step.commit_time", Unit.NANOSECONDS),
    /** Prefill tokens of a step. */
    STEP_PREFILL_TOKENS("step.prefill_tokens", Unit.TOKENS),
    /** Decode tokens of a step. */
    STEP_DECODE_TOKENS("step.decode_tokens", Unit.TOKENS);

    private final String key;
    private final Unit unit;

    Distribution(String key, Unit unit) {
        this.key = key;
        this.unit = unit;
    }

    /** Its name in docs/metrics.md and for exporters. */
    public String key() {
        return key;
    }

    /** What its values are measured in. */
    public Unit unit() {
        return unit;
    }
}
