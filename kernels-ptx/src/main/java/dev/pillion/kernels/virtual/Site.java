package dev.pillion.kernels.virtual;

/**
 * Where an instruction stands, for reports.
 *
 * @param kernel the kernel
 * @param line line of the module's text
 * @param text the instruction
 */
record Site(String kernel, int line, String text) {}
