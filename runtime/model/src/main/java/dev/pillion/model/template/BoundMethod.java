package dev.pillion.model.template;

/** A method of a string, list or dict together with the value it belongs to. */
record BoundMethod(String name, Object receiver, Body body) implements Callable {
    /**
     * What a method does.
     *
     * @param <T> type of the receiver
     */
    interface Method<T> {
        Object call(T receiver, ArgumentReader arguments, Interpreter interpreter);
    }

    /** A method whose receiver is already known. */
    interface Body {
        Object call(ArgumentReader arguments, Interpreter interpreter);
    }

    @Override
    public Object call(Arguments arguments, Interpreter interpreter) {
        ArgumentReader reader = new ArgumentReader(name + "()", arguments);
        Object result = body.call(reader, interpreter);
        reader.end();
        return result;
    }
}
