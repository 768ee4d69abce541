package dev.pillion.model;

import java.nio.file.Path;

/**
 * A model file (GGUF, safetensors, config.json, tokenizer.json) that cannot be used as it is.
 *
 * <p>Model files are untrusted input. Whatever is wrong with one ends in this single exception, which names the file,
 * the subject inside it (a tensor, a metadata key, a header field) and, where it makes sense, the byte offset.
 */
public final class ModelFormatException extends RuntimeException {
    /** Offset value for faults that have no place in the byte stream, such as a missing key. */
    public static final long NO_OFFSET = -1;

    private static final long serialVersionUID = 1L;
    private static final int MAX_PART_LENGTH = 500;

    private final transient Path file;
    private final String subject;
    private final long offset;

    /**
     * Creates an exception without an offset.
     *
     * @param file the offending file
     * @param subject the tensor, metadata key or header field at fault
     * @param problem what is wrong and, where there is one, the remedy
     */
    public ModelFormatException(Path file, String subject, String problem) {
        this(file, subject, NO_OFFSET, problem);
    }

    /**
     * Creates an exception.
     *
     * @param file the offending file
     * @param subject the tensor, metadata key or header field at fault
     * @param offset byte offset in the file, or {@link #NO_OFFSET}
     * @param problem what is wrong and, where there is one, the remedy
     */
    public ModelFormatException(Path file, String subject, long offset, String problem) {
        super(file + ": " + printable(subject) + (offset == NO_OFFSET ? "" : " at byte " + offset) + ": "
                + printable(problem));
        this.file = file;
        this.subject = subject;
        this.offset = offset;
    }

    /**
     * Names and values from the file are part of the message, and the message goes to terminals and logs: no control
     * characters, no endless names.
     */
    private static String printable(String text) {
        String start = text.length() <= MAX_PART_LENGTH ? text : text.substring(0, MAX_PART_LENGTH) + "...";
        return start.codePoints()
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The offending file. */
    public Path file() {
        return file;
    }

    /** The tensor, metadata key or header field at fault. */
    public String subject() {
        return subject;
    }

    /** Byte offset in the file, or {@link #NO_OFFSET}. */
    public long offset() {
        return offset;
    }
}
