package dev.pillion.simulator.workload;

import java.nio.file.Path;

/** A trace file that cannot be understood; the message names file, line and field. */
public final class TraceFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * What is wrong where.
     *
     * @param line counted from 1
     * @param field name of the field, or of what was expected
     */
    public TraceFormatException(Path file, long line, String field, String problem) {
        super(file + ", line " + line + ", field " + field + ": " + problem);
    }
}
