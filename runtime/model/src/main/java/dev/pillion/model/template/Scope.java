package dev.pillion.model.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Variables of one block; a name that is not here is looked up in the block around it. Assignments stay here. */
final class Scope {
    private final Optional<Scope> outer;
    private final Map<String, Object> variables = new HashMap<>();

    private Scope(Optional<Scope> outer) {
        this.outer = outer;
    }

    static Scope global() {
        return new Scope(Optional.empty());
    }

    Scope inner() {
        return new Scope(Optional.of(this));
    }

    Object get(String name) {
        Scope scope = this;
        while (true) {
            Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
            if (scope.outer.isEmpty()) {
                return Undefined.name(name);
            }
            scope = scope.outer.get();
        }
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }
}
