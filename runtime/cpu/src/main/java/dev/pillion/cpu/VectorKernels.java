package dev.pillion.cpu;
final class VectorKernels {}
