package dev.pillion.model.template;

/** What a filter does. */
interface Filter {
    Object apply(Object input, ArgumentReader arguments, Interpreter interpreter);
}
