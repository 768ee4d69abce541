package dev.pillion.scheduler;

/**
 * What a device does at best, measured once: the roof of the roofline.
 *
 * @param bytesPerSecond rate at which a large copy reads and writes memory, both counted
 * @param flopsPerSecond rate of a large matrix multiplication; a multiply-add is two
 * @param launchSeconds time to start one operation
 */
public record DeviceCeilings(double bytesPerSecond, double flopsPerSecond, double launchSeconds) {
    /** Checks that the rates are positive. */
    public DeviceCeilings {
        if (!(bytesPerSecond > 0) || !(flopsPerSecond > 0) || !(launchSeconds >= 0)) {
            throw new IllegalArgumentException("no device does " + bytesPerSecond + " bytes/s, " + flopsPerSecond
                    + " FLOP/s and launches in " + launchSeconds + " s");
        }
    }
}
