package dev.pillion.kernels.ptx;

/**
 * A virtual register.
 *
 * @param index number in its function, from 0; two registers of one name in different scopes have different numbers
 * @param name name with the percent sign
 * @param type declared type
 */
public record PtxRegister(int index, String name, PtxType type) {}
