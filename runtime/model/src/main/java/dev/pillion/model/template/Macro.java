package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope it was defined in, which its body sees; calling it returns the text that the body prints. */
record Macro(Statement.Signature signature, Scope closure) implements Callable {

    @Override
    public Object call(Arguments arguments, Interpreter interpreter) {
        Scope scope = closure.inner();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        List<Object> positional = arguments.positional();
        List<Statement.Parameter> parameters = signature.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            Statement.Parameter parameter = parameters.get(i);
            if (i < positional.size()) {
                if (named.containsKey(parameter.name())) {
                    throw new Failure(describe() + " got two values for '" + parameter.name() + "'");
                }
                scope.set(parameter.name(), positional.get(i));
            } else {
                scope.set(parameter.name(), byName(parameter, named, scope, interpreter));
            }
        }
        int bound = Math.min(parameters.size(), positional.size());
        bindSurplus(positional.subList(bound, positional.size()), named, scope);
        return interpreter.capture(signature.body(), scope);
    }

    private static Object byName(
            Statement.Parameter parameter, Map<String, Object> named, Scope scope, Interpreter interpreter) {
        Object value = named.remove(parameter.name());
        if (value != null) {
            return value;
        }
        return parameter.fallback().isPresent()
                ? interpreter.evaluate(parameter.fallback().get(), scope)
                : new Undefined("parameter '" + parameter.name() + "' was not provided");
    }

    /** Arguments without a parameter are allowed only where the body reads them. */
    private void bindSurplus(List<Object> positional, Map<String, Object> named, Scope scope) {
        if (signature.uses().contains("caller")) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("no caller defined") : caller);
        }
        if (signature.uses().contains("kwargs")) {
            scope.set("kwargs", Values.dictOf(named));
        } else if (!named.isEmpty()) {
            throw new Failure(describe() + " takes no argument named '" + named.keySet().iterator().next() + "'");
        }
        if (signature.uses().contains("varargs")) {
            scope.set("varargs", new Tuple(new ArrayList<>(positional)));
        } else if (!positional.isEmpty()) {
            throw new Failure(describe() + " takes not more than " + signature.parameters().size() + " arguments");
        }
    }

    private String describe() {
        return "macro '" + signature.name() + "'";
    }
}
