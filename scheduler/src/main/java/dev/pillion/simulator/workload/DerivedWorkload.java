package dev.pillion.simulator.workload;

import org.jspecify.annotations.Nullable;

/** A workload repeated, cut off or sped up, made as it is handed out. */
record DerivedWorkload(Workload base, int times, long size, double factor) implements Workload {
    DerivedWorkload {
        if (times < 1 || size < 0 || !(factor > 0) || factor == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "a workload " + times + " times, of " + size + " requests, " + factor + " times as fast");
        }
    }

    @Override
    public String description() {
        String text = base.description();
        text += times > 1 ? ", " + times + " times" : "";
        text += size < times * base.size() ? ", first " + size : "";
        return text + (factor != 1 ? ", " + factor + " times as fast" : "");
    }

    @Override
    public boolean sharesPrefixes() {
        return base.sharesPrefixes();
    }

    @Override
    public RequestSource open() {
        return new Walk();
    }

    private final class Walk implements RequestSource {
        private RequestSource source = base.open();
        private long count;
        private long shiftNanos;
        private long lastNanos;
        private int repetition;

        @Override
        public @Nullable Request next() {
            if (count >= size) {
                return null;
            }
            Request request = source.next();
            if (request == null) {
                if (++repetition >= times) {
                    return null;
                }
                long perRepetition = Math.max(1, base.size());
                shiftNanos = lastNanos + (lastNanos - shiftNanos) / perRepetition;
                source = base.open();
                request = source.next();
                if (request == null) {
                    return null;
                }
            }
            lastNanos = request.arrivalNanos() + shiftNanos;
            long arrival = factor == 1 ? lastNanos : (long) (lastNanos / factor);
            Request moved = request.at(count++, arrival);
            return repetition == 0 ? moved : moved.salted(request.salt() + repetition * 0x9e3779b97f4a7c15L);
        }
    }
}
