package dev.pillion.model.template;

/** Python's {@code None}; a template never sees a Java null. */
enum None {
    NONE
}
