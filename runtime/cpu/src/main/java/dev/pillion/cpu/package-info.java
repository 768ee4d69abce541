/**
 * The CPU backend: one flat room.
 *
 * <p>{@link dev.pillion.cpu.CpuBackend} checks, counts and hands each operation to the worker pool; classes named
 * {@code ...Operation} cut one operation into tasks; {@code Kernels} is the arithmetic they call, with a scalar and a
 * Vector API implementation between which {@code KernelSelection} chooses once.
 *
 * <p>Batch invariance: the value computed for a token is the same bit for bit whatever else is in the step, however the
 * prompt was cut, however many threads run. It holds because each result has one order of operations, written down at
 * the kernel that computes it, and tasks only decide who computes which result.
 */
@NullMarked
package dev.pillion.cpu;

import org.jspecify.annotations.NullMarked;
