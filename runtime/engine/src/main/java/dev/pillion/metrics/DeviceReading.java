package dev.pillion.metrics;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a device says of itself at one moment, all its users together. What it does not report is empty; shared GPUs and
 * laptops leave out much.
 *
 * @param busyPercent share of the last sampling period (up to a second) in which a kernel ran
 * @param memoryBusyPercent share of that period in which device memory was read or written
 * @param usedBytes device memory in use, by all processes and the driver
 * @param totalBytes device memory
 * @param celsius temperature of the chip
 * @param milliwatts power drawn by the whole board
 * @param multiprocessorMegahertz clock of the multiprocessors
 * @param memoryMegahertz clock of the memory
 */
public record DeviceReading(
        OptionalInt busyPercent,
        OptionalInt memoryBusyPercent,
        OptionalLong usedBytes,
        OptionalLong totalBytes,
        OptionalInt celsius,
        OptionalInt milliwatts,
        OptionalInt multiprocessorMegahertz,
        OptionalInt memoryMegahertz) {}
