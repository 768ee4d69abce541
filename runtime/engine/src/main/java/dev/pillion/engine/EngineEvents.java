package dev.pillion.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * What Java Flight Recorder sees of the engine. Fields are those of docs/metrics.md. An event object is made only
 * once a recording was started in this JVM, so that without one an event costs a read of a static field.
 */
final class EngineEvents {
    private EngineEvents() {}

    /** Whether anything could be recording. */
    static boolean mayRecord() {
        return FlightRecorder.isInitialized();
    }

    /** A step, from the start of its planning to the end of its commit. */
    @Name("dev.pillion.Step")
    @Label("Step")
    @Description("One batch: planned, run, sampled, committed")
    @Category("Pillion")
    @StackTrace(false)
    static final class Step extends Event {
        @Label("Step Number")
        long step;

        @Label("Segments")
        int segments;

        @Label("Prefill Tokens")
        int prefillTokens;

        @Label("Decode Tokens")
        int decodeTokens;

        @Label("Budget Tokens")
        int budgetTokens;

        @Label("KV Blocks Free")
        int kvBlocksFree;

        @Label("Predicted Time")
        @Timespan(Timespan.NANOSECONDS)
        long predictedTime;

        @Label("Plan Time")
        @Timespan(Timespan.NANOSECONDS)
        long planTime;

        @Label("Fill Time")
        @Timespan(Timespan.NANOSECONDS)
        long fillTime;

        @Label("Enqueue Time")
        @Timespan(Timespan.NANOSECONDS)
        long enqueueTime;

        @Label("Wait Time")
        @Timespan(Timespan.NANOSECONDS)
        long waitTime;
    }

    /** A request was scheduled for the first time. */
    @Name("dev.pillion.Admission")
    @Label("Admission")
    @Description("A request was scheduled for the first time")
    @Category("Pillion")
    @StackTrace(false)
    static final class Admission extends Event {
        @Label("Request")
        long request;

        @Label("Prompt Tokens")
        int promptTokens;

        @Label("Prefix Hit Tokens")
        int prefixHitTokens;

        @Label("Queue Time")
        @Timespan(Timespan.NANOSECONDS)
        long queueTime;
    }

    /** A sequence lost its blocks to another. */
    @Name("dev.pillion.Preemption")
    @Label("Preemption")
    @Description("A sequence lost its KV blocks to another and will be computed again")
    @Category("Pillion")
    @StackTrace(false)
    static final class Preemption extends Event {
        @Label("Request")
        long request;

        @Label("Tokens Lost")
        int tokensLost;
    }

    /** A request ended. */
    @Name("dev.pillion.RequestEnd")
    @Label("Request End")
    @Description("A request ended")
    @Category("Pillion")
    @StackTrace(false)
    static final class RequestEnd extends Event {
        @Label("Request")
        long request;

        @Label("Reason")
        String reason = "";

        @Label("Prompt Tokens")
        int promptTokens;

        @Label("Generated Tokens")
        int generatedTokens;

        @Label("Time To First Token")
        @Timespan(Timespan.NANOSECONDS)
        long ttft;

        @Label("Total Time")
        @Timespan(Timespan.NANOSECONDS)
        long totalTime;
    }

    /** A step failed in the backend and was taken back. */
    @Name("dev.pillion.StepFailure")
    @Label("Step Failure")
    @Description("The backend failed a step; its tokens are planned again")
    @Category("Pillion")
    @StackTrace(false)
    static final class StepFailure extends Event {
        @Label("Step Number")
        long step;

        @Label("Segments")
        int segments;

        @Label("Tokens")
        int tokens;

        @Label("Failures In A Row")
        int failuresInARow;

        @Label("Failure")
        String failure = "";
    }
}
