package dev.pillion.simulator.cluster;

/** The way of keys and values between instances, each of which sends one thing at a time and receives one at a time. */
final class KvLink {
    private KvLink() {
    }

    /** Takes both ends for a copy and returns when it has arrived. */
    static long send(SimulatedInstance from, SimulatedInstance to, long now, double seconds, long latencyNanos) {
        long begin = Math.max(now, Math.max(from.egressFreeAt, to.ingressFreeAt));
        long end = begin + latencyNanos + Math.round(seconds * 1e9);
        from.egressFreeAt = end;
        to.ingressFreeAt = end;
        return end;
    }

    /** Seconds the keys and values of so many tokens take. */
    static double seconds(SimulatedInstance from, SimulatedInstance to, long tokens) {
        double rate = Math.min(from.model.kvTransferBytesPerSecond(), to.model.kvTransferBytesPerSecond());
        if (!(rate > 0)) {
            throw new IllegalArgumentException("keys and values cannot move from instance " + from.number + " to "
                    + to.number + ": their link carries " + rate + " bytes per second");
        }
        return tokens * (double) from.model.kvBytesPerToken() / rate;
    }
}
