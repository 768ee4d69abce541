package dev.pillion.simulator.workload;

import java.util.SplittableRandom;

/** How long prompts and answers are. */
public sealed interface LengthDistribution {
    /** Draws a pair, prompt tokens in the high half and output tokens in the low: lengths of one request may correlate. */
    long draw(SplittableRandom random);

    /** One line for people. */
    String description();

    /** Always the same. */
    record Fixed(int promptTokens, int outputTokens) implements LengthDistribution {
        /** Checks the lengths. */
        public Fixed {
            checkRange("prompt", promptTokens, promptTokens);
            checkRange("output", outputTokens, outputTokens);
        }

        @Override
        public long draw(SplittableRandom random) {
            return pair(promptTokens, outputTokens);
        }

        @Override
        public String description() {
            return promptTokens + " prompt and " + outputTokens + " output tokens";
        }
    }

    /** Prompt and output drawn evenly and apart from ranges whose ends are included. */
    record Uniform(int promptFrom, int promptTo, int outputFrom, int outputTo) implements LengthDistribution {
        /** Checks the ranges. */
        public Uniform {
            checkRange("prompt", promptFrom, promptTo);
            checkRange("output", outputFrom, outputTo);
        }

        @Override
        public long draw(SplittableRandom random) {
            int prompt = (int) random.nextLong(promptFrom, promptTo + 1L);
            return pair(prompt, (int) random.nextLong(outputFrom, outputTo + 1L));
        }

        @Override
        public String description() {
            return promptFrom + ".." + promptTo + " prompt and " + outputFrom + ".." + outputTo + " output tokens";
        }
    }

    /** The lengths of a request of a trace, drawn at random with replacement. */
    record FromTrace(Trace trace) implements LengthDistribution {
        /** Checks that there is something to draw from. */
        public FromTrace {
            if (trace.size() == 0) {
                throw new IllegalArgumentException("no lengths can be drawn from " + trace.description());
            }
        }

        @Override
        public long draw(SplittableRandom random) {
            Request request = trace.requests().get(random.nextInt((int) trace.size()));
            return pair(request.promptTokens(), request.outputTokens());
        }

        @Override
        public String description() {
            return "lengths of " + trace.description();
        }
    }

    private static long pair(int prompt, int output) {
        return (long) prompt << 32 | output;
    }

    private static void checkRange(String what, int from, int to) {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException(what + " tokens from " + from + " to " + to + ": 1 at least, ends in order");
        }
    }
}
