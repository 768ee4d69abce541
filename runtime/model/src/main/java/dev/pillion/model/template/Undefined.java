package dev.pillion.model.template;

/**
 * The value of a name or an attribute that does not exist. It prints as nothing, is false and has no elements; any other
 * use fails with the reason.
 */
record Undefined(String reason) {
    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Object owner, String name) {
        return new Undefined("'" + Values.describe(owner) + "' has no attribute '" + name + "'");
    }

    static Undefined element(Object owner, Object key) {
        String which = key instanceof Long index ? index.toString() : "for a key of type '" + Values.typeName(key) + "'";
        return new Undefined(Values.describe(owner) + " has no element " + which);
    }

    Failure failure() {
        return new Failure(reason);
    }
}
