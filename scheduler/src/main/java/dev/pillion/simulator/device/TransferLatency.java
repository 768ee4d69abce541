package dev.pillion.simulator.device;

/** Time before the first byte of a copy between GPUs arrives; assumed, not measured. */
final class TransferLatency {
    private static final double WITHIN_SERVER_SECONDS = 5e-6;
    private static final double BETWEEN_SERVERS_SECONDS = 20e-6;

    private TransferLatency() {}

    static double seconds(boolean withinServer) {
        return withinServer ? WITHIN_SERVER_SECONDS : BETWEEN_SERVERS_SECONDS;
    }
}
