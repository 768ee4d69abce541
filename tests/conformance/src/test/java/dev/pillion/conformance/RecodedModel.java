package dev.pillion.conformance;

import dev.pillion.model.Model;
import dev.pillion.model.ModelFile;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.quant.Dequantizer;
import dev.pillion.model.quant.Quantizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model whose matrices are encoded anew in another type, in memory. Rows that are no whole blocks of it stay as they are. */
final class RecodedModel implements ModelFile {
    private final Model original;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private RecodedModel(Model original, TensorType type) {
        this.original = original;
        for (Map.Entry<String, Tensor> entry : original.tensors().entrySet()) {
            Tensor tensor = entry.getValue();
            boolean fits = tensor.shape().size() == 2 && tensor.columns() % type.blockLength() == 0;
            tensors.put(entry.getKey(), fits ? encoded(tensor, type) : tensor);
        }
    }

    /** Encodes a model, which belongs to the new one from here on. */
    static Model of(Model original, TensorType type) {
        return Model.of(new RecodedModel(original, type), original.description(), original.tokenizer());
    }

    private Tensor encoded(Tensor tensor, TensorType type) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        Dequantizer.find(tensor.type()).orElseThrow().decode(tensor.data(), 0, values, 0, values.length);
        MemorySegment data = arena.allocate(type.bytesFor(values.length), 64);
        Quantizer.of(type).encode(values, 0, data, 0, values.length);
        return new Tensor(tensor.name(), type, tensor.shape(), data.asReadOnly());
    }

    @Override
    public Path path() {
        return original.path();
    }

    @Override
    public String format() {
        return original.format() + ", encoded anew";
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            original.close();
        }
    }
}
