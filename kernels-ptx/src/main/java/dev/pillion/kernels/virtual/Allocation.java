package dev.pillion.kernels.virtual;

/** A piece of device memory that was handed out at some time. Its addresses are never handed out again. */
final class Allocation {
    private final int number;
    private final long address;
    private final long bytes;
    private final String name;
    private volatile boolean freed;

    Allocation(int number, long address, long bytes, String name) {
        this.number = number;
        this.address = address;
        this.bytes = bytes;
        this.name = name;
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    boolean freed() {
        return freed;
    }

    void free() {
        freed = true;
    }

    @Override
    public String toString() {
        return (freed ? "freed " : "") + (name.isEmpty() ? "allocation " + number : name) + " (" + bytes
                + " bytes at 0x"
                + Long.toHexString(address) + ")";
    }
}
