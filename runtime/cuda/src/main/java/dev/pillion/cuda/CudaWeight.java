package dev.pillion.cuda;

import dev.pillion.model.TensorType;
import dev.pillion.spi.Weight;

/**
 * A weight on the device. Matrices stay packed: as blocks, or as a main plane and a plane of scales (see
 * {@link WeightLayout}). Vectors are F32, whatever they were in the file.
 *
 * @param name the tensor's name
 * @param type type in the file
 * @param rows outputs; 1 for a vector
 * @param columns inputs; the length of a vector
 * @param vector whether this is a vector
 * @param main address of blocks or main plane
 * @param scales address of the scales, 0 where the blocks hold them
 */
record CudaWeight(String name, TensorType type, int rows, int columns, boolean vector, long main, long scales)
        implements Weight {}
