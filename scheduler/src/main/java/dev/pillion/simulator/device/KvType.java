package dev.pillion.simulator.device;

import java.util.Arrays;
import java.util.Locale;

/** Element type of cached keys and values. */
public enum KvType {
    /** Two bytes. */
    BF16(2),
    /** Two bytes. */
    F16(2),
    /** One byte. */
    FP8(1);

    private final int bytes;

    KvType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * The type of a name in any case.
     *
     * @throws IllegalArgumentException if there is none; it names those there are
     */
    public static KvType named(String name) {
        return Arrays.stream(values())
                .filter(type -> type.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no type of keys and values \"" + name + "\"; known are "
                        + String.join(", ", Arrays.stream(values()).map(KvType::toString).toList())));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
