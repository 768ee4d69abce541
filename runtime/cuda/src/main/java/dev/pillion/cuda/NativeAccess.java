package dev.pillion.cuda;

/** Leave to call native code, which a program gives and a library cannot take (JEP 472). */
final class NativeAccess {
    /** What to tell the user. */
    static final String DENIED = "native access is denied; start java with " + flag();

    private NativeAccess() {}

    /** Whether a failure comes from native access being denied. */
    static boolean isDenied(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalCallerException) {
                return true;
            }
        }
        return false;
    }

    private static String flag() {
        Module here = NativeAccess.class.getModule();
        return "--enable-native-access="
                + (here.isNamed() ? here.getName() + ",dev.pillion.bindings" : "ALL-UNNAMED");
    }
}
