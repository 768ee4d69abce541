package dev.pillion.model.template;

/** A function that every template can call by its name. */
record Builtin(String name, Body body) implements Callable {
    /** What the function does. */
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
