package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;

/** A device: its properties, and how much of its memory the contexts on it use together. */
final class VirtualDevice {
    private final GpuDeviceInfo info;
    private long used;

    VirtualDevice(GpuDeviceInfo info) {
        this.info = info;
    }

    GpuDeviceInfo info() {
        return info;
    }

    /** Takes bytes; returns false if there are not so many left. */
    synchronized boolean reserve(long bytes) {
        if (bytes > info.totalMemoryBytes() - used) {
            return false;
        }
        used += bytes;
        return true;
    }

    synchronized void release(long bytes) {
        used -= bytes;
    }

    synchronized long free() {
        return info.totalMemoryBytes() - used;
    }
}
