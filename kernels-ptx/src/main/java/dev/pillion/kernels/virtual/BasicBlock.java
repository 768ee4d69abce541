package dev.pillion.kernels.virtual;

/**
 * Instructions that run one after the other, and what comes after them. Block numbers count from 0; the number of
 * blocks stands for the end of the kernel.
 *
 * @param code the instructions
 * @param end what comes after them
 */
record BasicBlock(Instruction[] code, BlockEnd end) {}
