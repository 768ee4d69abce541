package dev.pillion.benchmarks.gpu;

import dev.pillion.model.Model;
import dev.pillion.model.SyntheticModel;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Writes a Llama of random weights as a GGUF file (version 3). */
final class SyntheticGguf {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    private static final long MOST_AT_ONCE = 1 << 30;
    private static final int KEYS = 16;

    private static final int UINT32 = 4;
    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream header = new DataOutputStream(bytes);
    private int keys;

    private SyntheticGguf() {}

    /** Arguments: {@code 8b}, {@code 1b} or {@code tiny}; type of the matrices; file. */
    public static void main(String[] args) throws IOException {
        ModelDescription description = switch (args[0]) {
            case "8b" -> GpuShapes.llama8b();
            case "1b" -> GpuShapes.llama1b();
            case "tiny" -> GpuShapes.tiny();
            default -> throw new IllegalArgumentException("no shape " + args[0] + "; there are 8b, 1b and tiny");
        };
        try (Model model = SyntheticModel.withEqualLayers(description, TensorType.valueOf(args[1]), 1)) {
            write(model, Path.of(args[2]));
        }
    }

    /** Writes the model's tensors, its shape and a vocabulary of plain words. */
    static void write(Model model, Path file) throws IOException {
        byte[] metadata = new SyntheticGguf().metadata(model.description());
        List<Tensor> tensors = new ArrayList<>(model.tensors().values());
        byte[] infos = new SyntheticGguf().infos(tensors);
        SyntheticGguf start = new SyntheticGguf();
        start.int32(MAGIC);
        start.int32(VERSION);
        start.int64(tensors.size());
        start.int64(KEYS);
        start.header.write(metadata);
        start.header.write(infos);
        start.header.write(new byte[(int) (aligned(start.bytes.size()) - start.bytes.size())]);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, ByteBuffer.wrap(start.bytes.toByteArray()));
            for (Tensor tensor : tensors) {
                long size = tensor.data().byteSize();
                for (long at = 0; at < size; at += MOST_AT_ONCE) {
                    writeFully(channel, tensor.data().asSlice(at, Math.min(MOST_AT_ONCE, size - at)).asByteBuffer());
                }
                writeFully(channel, ByteBuffer.allocate((int) (aligned(size) - size)));
            }
        }
    }

    private byte[] metadata(ModelDescription d) throws IOException {
        text("general.architecture", "llama");
        text("general.name", d.name());
        number("llama.block_count", d.layers());
        number("llama.embedding_length", d.hiddenSize());
        number("llama.feed_forward_length", d.feedForwardSize());
        number("llama.attention.head_count", d.heads());
        number("llama.attention.head_count_kv", d.kvHeads());
        number("llama.attention.key_length", d.headDim());
        number("llama.attention.value_length", d.headDim());
        number("llama.context_length", d.contextLength());
        real("llama.attention.layer_norm_rms_epsilon", d.normEpsilon());
        real("llama.rope.freq_base", (float) d.rope().base());
        text("tokenizer.ggml.model", "gpt2");
        text("tokenizer.ggml.pre", "gpt-2");
        List<String> words = new ArrayList<>();
        for (int id = 0; id < d.vocabularySize(); id++) {
            words.add("t" + id);
        }
        texts("tokenizer.ggml.tokens", words);
        texts("tokenizer.ggml.merges", Collections.emptyList());
        if (keys != KEYS) {
            throw new IllegalStateException(keys + " keys instead of " + KEYS);
        }
        return bytes.toByteArray();
    }

    private byte[] infos(List<Tensor> tensors) throws IOException {
        long offset = 0;
        for (Tensor tensor : tensors) {
            string(tensor.name());
            int32(tensor.shape().size());
            for (long dimension : tensor.shape().reversed()) {
                int64(dimension);
            }
            int32(tensor.type().id());
            int64(offset);
            offset += aligned(tensor.data().byteSize());
        }
        return bytes.toByteArray();
    }

    private void text(String key, String value) throws IOException {
        key(key, STRING);
        string(value);
    }

    private void number(String key, int value) throws IOException {
        key(key, UINT32);
        int32(value);
    }

    private void real(String key, float value) throws IOException {
        key(key, FLOAT32);
        int32(Float.floatToIntBits(value));
    }

    private void texts(String key, List<String> values) throws IOException {
        key(key, ARRAY);
        int32(STRING);
        int64(values.size());
        for (String value : values) {
            string(value);
        }
    }

    private void key(String key, int type) throws IOException {
        keys++;
        string(key);
        int32(type);
    }

    private void string(String value) throws IOException {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int64(utf8.length);
        header.write(utf8);
    }

    /** The format is little-endian, the stream is not. */
    private void int32(int value) throws IOException {
        header.writeInt(Integer.reverseBytes(value));
    }

    private void int64(long value) throws IOException {
        header.writeLong(Long.reverseBytes(value));
    }

    private static long aligned(long position) {
        return Math.ceilDiv(position, ALIGNMENT) * ALIGNMENT;
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
