package dev.pillion.model.template;

/**
 * The value of a name or an attribute that does not exist. It prints as nothing, is false and has no elements; any
 * other use fails with the reason.
 */
record Undefined(String reason) {
    /** Names come from values too, and a reason is made whether or not anybody reads it. */
    private static final int MAX_NAME = 80;

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Object owner, String name) {
        String clipped = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name;
        return new Undefined("'" + Values.describe(owner) + "' has no attribute '" + clipped + "'");
    }

    static Undefined element(Object owner, Object key) {
        String which = key instanceof Long index ? index.toString() : "for a " + Values.typeName(key) + " as key";
        return new Undefined(Values.describe(owner) + " has no element " + which);
    }

    Failure failure() {
        return new Failure(reason);
    }
}
