package dev.pillion.sampling;

/**
 * A sampling parameter or stop condition is outside its range. Thrown while a request is built, never while it runs,
 * so that a server can answer with the name of the offending field.
 */
public final class SamplingParameterException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The parameter's name. */
    private final String parameter;

    /**
     * @param parameter the parameter's name as in {@link SamplingParams} or {@link StopConditions}
     * @param value the value that was refused, in words
     * @param remedy what is allowed, and what to do instead
     */
    public SamplingParameterException(String parameter, Object value, String remedy) {
        super(parameter + " is " + value + "; " + remedy);
        this.parameter = parameter;
    }

    /** The parameter's name as in {@link SamplingParams} or {@link StopConditions}. */
    public String parameter() {
        return parameter;
    }

    /** Refuses a value outside {@code [lowest, highest]}, and NaN. */
    static void requireWithin(String parameter, double value, double lowest, double highest) {
        if (!(value >= lowest && value <= highest)) {
            throw new SamplingParameterException(
                    parameter, value, "allowed: " + lowest + " to " + highest + ", both included");
        }
    }

    /** Refuses a value outside {@code (lowest, highest]}, and NaN. */
    static void requireAboveUpTo(String parameter, double value, double lowest, double highest) {
        if (!(value > lowest && value <= highest)) {
            throw new SamplingParameterException(
                    parameter, value, "allowed: greater than " + lowest + " and at most " + highest);
        }
    }

    /** Refuses a value outside {@code [lowest, highest]}. */
    static void requireWithin(String parameter, int value, int lowest, int highest) {
        if (value < lowest || value > highest) {
            String range = highest == Integer.MAX_VALUE ? lowest + " or more" : lowest + " to " + highest;
            throw new SamplingParameterException(parameter, value, "allowed: " + range);
        }
    }
}
