package dev.pillion.model.template;

/** A value that a template can call. */
sealed interface Callable permits Macro, Builtin, BoundMethod, LoopState {
    Object call(Arguments arguments, Interpreter interpreter);
}
