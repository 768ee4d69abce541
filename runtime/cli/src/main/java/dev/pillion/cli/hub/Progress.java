package dev.pillion.cli.hub;

import java.util.OptionalLong;

/** Is told how a file comes in. */
public interface Progress {
    /**
     * The transfer starts or goes on.
     *
     * @param name the file
     * @param present bytes that are already there
     * @param total bytes of the whole file, where known
     */
    void start(String name, long present, OptionalLong total);

    /** More bytes have come. */
    void advance(long bytes);

    /** The transfer ended, in whatever way. */
    void stop();
}
