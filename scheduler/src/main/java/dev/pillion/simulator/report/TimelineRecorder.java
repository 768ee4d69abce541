package dev.pillion.simulator.report;

/** Collects what an instance does over time. Times never go backwards. */
public final class TimelineRecorder {
    private final TimeSeries steps;
    private final TimeSeries decodeTokens;
    private final TimeSeries prefillTokens;
    private final TimeSeries running;
    private final TimeSeries waiting;
    private final TimeSeries usedBlocks;
    private final long blocks;
    private long sinceNanos;
    private int runningNow;
    private int waitingNow;
    private long usedNow;
    private long usedPeak;
    private double usedIntegral;

    /**
     * A recorder with nothing recorded.
     *
     * @param points most points of each series
     * @param blocks KV blocks of the instance
     */
    public TimelineRecorder(int points, long blocks) {
        this.blocks = blocks;
        steps = new TimeSeries(points);
        decodeTokens = new TimeSeries(points);
        prefillTokens = new TimeSeries(points);
        running = new TimeSeries(points);
        waiting = new TimeSeries(points);
        usedBlocks = new TimeSeries(points);
    }

    /** A step was planned. */
    public void step(long nanos, int decodes, int prefills) {
        steps.add(nanos, 1);
        decodeTokens.add(nanos, decodes);
        prefillTokens.add(nanos, prefills);
    }

    /** From this moment on so many run, so many wait and so many blocks are in use. */
    public void level(long nanos, int nowRunning, int nowWaiting, long nowUsed) {
        if (nanos > sinceNanos) {
            running.addSpan(sinceNanos, nanos, runningNow);
            waiting.addSpan(sinceNanos, nanos, waitingNow);
            usedBlocks.addSpan(sinceNanos, nanos, usedNow);
            usedIntegral += (double) usedNow * (nanos - sinceNanos);
            sinceNanos = nanos;
        }
        runningNow = nowRunning;
        waitingNow = nowWaiting;
        usedNow = nowUsed;
        usedPeak = Math.max(usedPeak, nowUsed);
    }

    /** Mean share of blocks in use until {@code endNanos}. */
    public double meanOccupancy(long endNanos) {
        return endNanos == 0 ? 0 : usedIntegral / ((double) blocks * endNanos);
    }

    /** Largest share of blocks in use. */
    public double peakOccupancy() {
        return (double) usedPeak / blocks;
    }

    /** The run ends: what held last held until {@code endNanos}. */
    public void finish(long endNanos) {
        level(endNanos, runningNow, waitingNow, usedNow);
    }

    /** The series up to {@code endNanos}. */
    public Timeline timeline(long endNanos) {
        finish(endNanos);
        long last = Math.max(0, endNanos - 1);
        for (TimeSeries series : new TimeSeries[] {steps, decodeTokens, prefillTokens, running, waiting, usedBlocks}) {
            series.reach(last);
        }
        long width = steps.widthNanos();
        int points = (int) (last / width) + 1;
        double[][] out = new double[6][points];
        for (int i = 0; i < points; i++) {
            double span = Math.max(1, Math.min(endNanos, (i + 1) * width) - i * width);
            double perStep = Math.max(1, steps.sum(i));
            out[0][i] = steps.sum(i);
            out[1][i] = decodeTokens.sum(i) / perStep;
            out[2][i] = prefillTokens.sum(i) / perStep;
            out[3][i] = running.sum(i) / span;
            out[4][i] = waiting.sum(i) / span;
            out[5][i] = usedBlocks.sum(i) / (span * blocks);
        }
        return new Timeline(width * 1e-9, out[0], out[1], out[2], out[3], out[4], out[5]);
    }
}
