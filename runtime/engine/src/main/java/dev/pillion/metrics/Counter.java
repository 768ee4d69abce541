package dev.pillion.metrics;

/** Numbers that only grow while the engine lives. */
public enum Counter {
    /** Requests taken into the queue. */
    REQUESTS_SUBMITTED("requests.submitted", Unit.REQUESTS),
    /** Requests that ended because their answer did. */
    REQUESTS_STOP("requests.finished.stop", Unit.REQUESTS),
    /** Requests that ended at their token limit or the context's end. */
    REQUESTS_LENGTH("requests.finished.length", Unit.REQUESTS),
    /** Requests ended by their caller or by closing the engine. */
    REQUESTS_CANCELLED("requests.finished.cancelled", Unit.REQUESTS),
    /** Requests that ended with an exception. */
    REQUESTS_FAILED("requests.finished.failed", Unit.REQUESTS),
    /** Requests refused because the queue was full. */
    REQUESTS_REFUSED_QUEUE_FULL("requests.refused.queue_full", Unit.REQUESTS),
    /** Requests refused because they could never be served. */
    REQUESTS_REFUSED_BAD_REQUEST("requests.refused.bad_request", Unit.REQUESTS),

    /** Tokens handed to callers. */
    TOKENS_GENERATED("tokens.generated", Unit.TOKENS),
    /** Tokens computed in prefill segments. */
    TOKENS_PREFILL("tokens.prefill", Unit.TOKENS),
    /** Tokens computed in decode segments. */
    TOKENS_DECODE("tokens.decode", Unit.TOKENS),
    /** Tokens computed for sequences that had ended meanwhile. */
    TOKENS_WASTED("tokens.wasted", Unit.TOKENS),
    /** Tokens whose keys and values were given up. */
    TOKENS_LOST("tokens.lost", Unit.TOKENS),
    /** Lost tokens that had to be computed again. */
    TOKENS_RECOMPUTED("tokens.recomputed", Unit.TOKENS),
    /** Tokens the prefix cache was asked for. */
    PREFIX_QUERY_TOKENS("prefix.query_tokens", Unit.TOKENS),
    /** Tokens the prefix cache had. */
    PREFIX_HIT_TOKENS("prefix.hit_tokens", Unit.TOKENS),

    /** Sequences that left the queue for the first time. */
    ADMISSIONS("scheduler.admissions", Unit.SEQUENCES),
    /** Sequences that left the queue again after losing their blocks. */
    RESUMPTIONS("scheduler.resumptions", Unit.SEQUENCES),
    /** Times a sequence's blocks were taken for another. */
    PREEMPTIONS("scheduler.preemptions", Unit.TIMES),
    /** Times a sequence was admitted past one that did not fit. */
    OVERTAKES("scheduler.overtakes", Unit.TIMES),
    /** Times a sequence was held back for a prefix under computation. */
    HOLDS("scheduler.holds", Unit.TIMES),
    /** Sequences forked from another. */
    FORKS("scheduler.forks", Unit.SEQUENCES),

    /** Steps that ran and were committed. */
    STEPS("steps.committed", Unit.STEPS),
    /** Steps that failed and were taken back. */
    STEPS_FAILED("steps.failed", Unit.STEPS),

    /** Steps planned and started while the one before them ran. */
    AHEAD_STEPS("ahead.steps", Unit.STEPS),
    /** Steps taken back though they did not fail: the one before them did, or has to run again. */
    AHEAD_WITHDRAWN("ahead.withdrawn", Unit.STEPS),
    /** Time in which the host worked while the device did. */
    AHEAD_HIDDEN_TIME("ahead.hidden_time", Unit.NANOSECONDS),
    /** Steps not planned ahead because the running one was to be forked from. */
    AHEAD_NOT_FORKS("ahead.not.forks", Unit.STEPS),
    /** Steps not planned ahead because a shared block had to be copied first. */
    AHEAD_NOT_SHARED_BLOCK("ahead.not.shared_block", Unit.STEPS),
    /** Steps not planned ahead because the free blocks might not have done. */
    AHEAD_NOT_FEW_BLOCKS("ahead.not.few_blocks", Unit.STEPS),
    /** Steps not planned ahead because there was nothing to do. */
    AHEAD_NOT_NOTHING("ahead.not.nothing_to_do", Unit.STEPS),
    /** Steps not planned ahead because the host was to sample rows of the running one. */
    AHEAD_NOT_HOST_SAMPLING("ahead.not.host_sampling", Unit.STEPS),
    /** Steps not planned ahead because penalties act on the tokens of the running one. */
    AHEAD_NOT_PENALTIES("ahead.not.penalties", Unit.STEPS),
    /** Steps not planned ahead because somebody waited for logits. */
    AHEAD_NOT_LOGITS("ahead.not.logits", Unit.STEPS),
    /** Steps not planned ahead because the running one ran again, for a row the device had left to the host. */
    AHEAD_NOT_AGAIN("ahead.not.again", Unit.STEPS),

    /** Blocks copied for a sequence that was about to write to a shared one. */
    KV_COPIED_BLOCKS("kv.copied_blocks", Unit.BLOCKS),
    /** Blocks copied from the device to the host tier. */
    KV_OFFLOADED_BLOCKS("kv.offloaded_blocks", Unit.BLOCKS),
    /** Blocks copied from the host tier to the device. */
    KV_FETCHED_BLOCKS("kv.fetched_blocks", Unit.BLOCKS),

    /** Floating-point operations of the backend. */
    BACKEND_FLOPS("backend.flops", Unit.FLOPS),
    /** Bytes of weights the backend read. */
    BACKEND_WEIGHT_BYTES("backend.weight_bytes", Unit.BYTES),
    /** Bytes of keys and values the backend read. */
    BACKEND_KV_READ_BYTES("backend.kv_read_bytes", Unit.BYTES),
    /** Bytes of keys and values the backend wrote. */
    BACKEND_KV_WRITE_BYTES("backend.kv_write_bytes", Unit.BYTES),
    /** Operations enqueued on the backend. */
    BACKEND_OPERATIONS("backend.operations", Unit.OPERATIONS);

    private final String key;
    private final Unit unit;

    Counter(String key, Unit unit) {
        this.key = key;
        this.unit = unit;
    }

    /** Its name in docs/metrics.md and for exporters. */
    public String key() {
        return key;
    }

    /** What it counts. */
    public Unit unit() {
        return unit;
    }
}
