package dev.pillion.model.gguf;

import dev.pillion.model.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes GGUF files for tests, good ones and, through {@link #pair} and {@link #rawTensor}, bad ones. After
 * {@link #build}, {@link #position} says where things lie, so that a test can damage them.
 */
public final class GgufBuilder {
    private final Map<String, Long> positions = new LinkedHashMap<>();
    private final List<Pair> pairs = new ArrayList<>();
    private final List<TensorInfo> tensors = new ArrayList<>();
    private int version = 3;
    private int alignment = 32;
    private long nextOffset;

    private record Pair(String key, byte[] typedValue) {}

    private record TensorInfo(
            String name, int dimensionCount, long[] innermostFirst, int typeId, long offset, byte[] data) {}

    public GgufBuilder version(int newVersion) {
        version = newVersion;
        return this;
    }

    /** Sets {@code general.alignment}; call it before adding tensors. */
    public GgufBuilder alignment(int newAlignment) {
        alignment = newAlignment;
        return uint32("general.alignment", newAlignment);
    }

    public GgufBuilder uint32(String key, long value) {
        return pair(key, GgufValues.UINT32, new LittleEndian().int32((int) value).bytes());
    }

    public GgufBuilder uint16(String key, int value) {
        return pair(key, GgufValues.UINT16, new LittleEndian().int16(value).bytes());
    }

    public GgufBuilder int32(String key, int value) {
        return pair(key, GgufValues.INT32, new LittleEndian().int32(value).bytes());
    }

    public GgufBuilder float32(String key, float value) {
        return pair(key, GgufValues.FLOAT32, new LittleEndian().float32(value).bytes());
    }

    public GgufBuilder bool(String key, boolean value) {
        return pair(key, GgufValues.BOOL, new LittleEndian().int8(value ? 1 : 0).bytes());
    }

    public GgufBuilder string(String key, String value) {
        return pair(key, GgufValues.STRING, new LittleEndian().string(value).bytes());
    }

    public GgufBuilder strings(String key, List<String> values) {
        LittleEndian content = new LittleEndian();
        values.forEach(content::string);
        return array(key, GgufValues.STRING, values.size(), content.bytes());
    }

    public GgufBuilder int32s(String key, int... values) {
        LittleEndian content = new LittleEndian();
        for (int value : values) {
            content.int32(value);
        }
        return array(key, GgufValues.INT32, values.length, content.bytes());
    }

    public GgufBuilder float32s(String key, float... values) {
        LittleEndian content = new LittleEndian();
        for (float value : values) {
            content.float32(value);
        }
        return array(key, GgufValues.FLOAT32, values.length, content.bytes());
    }

    /** An array with any element type, count and content. */
    public GgufBuilder array(String key, int elementType, long count, byte[] content) {
        return pair(key, GgufValues.ARRAY,
                new LittleEndian().int32(elementType).int64(count).raw(content).bytes());
    }

    /** A pair with any type and content. */
    public GgufBuilder pair(String key, int type, byte[] content) {
        pairs.add(new Pair(key, new LittleEndian().int32(type).raw(content).bytes()));
        return this;
    }

    /** A tensor at the next aligned offset. */
    public GgufBuilder tensor(String name, TensorType type, byte[] data, long... outermostFirst) {
        long[] innermostFirst = new long[outermostFirst.length];
        for (int i = 0; i < innermostFirst.length; i++) {
            innermostFirst[i] = outermostFirst[innermostFirst.length - 1 - i];
        }
        return rawTensor(name, innermostFirst.length, innermostFirst, type.id(), nextOffset, data);
    }

    /** A tensor description with nothing checked; the data is written at the next aligned offset whatever it says. */
    public GgufBuilder rawTensor(
            String name, int dimensionCount, long[] innermostFirst, int typeId, long offset, byte[] data) {
        tensors.add(new TensorInfo(name, dimensionCount, innermostFirst, typeId, offset, data));
        nextOffset += Math.ceilDiv(data.length, alignment) * (long) alignment;
        return this;
    }

    /** The file's bytes. */
    public byte[] build() {
        positions.clear();
        LittleEndian out = new LittleEndian();
        out.raw("GGUF".getBytes(StandardCharsets.US_ASCII)).int32(version).int64(tensors.size()).int64(pairs.size());
        for (Pair pair : pairs) {
            positions.put("key " + pair.key, out.size());
            out.string(pair.key);
            positions.put("value " + pair.key, out.size());
            out.raw(pair.typedValue);
        }
        for (TensorInfo tensor : tensors) {
            positions.put("tensor " + tensor.name, out.size());
            out.string(tensor.name);
            positions.put("dimensions " + tensor.name, out.size());
            out.int32(tensor.dimensionCount);
            for (long dimension : tensor.innermostFirst) {
                out.int64(dimension);
            }
            positions.put("type " + tensor.name, out.size());
            out.int32(tensor.typeId);
            positions.put("offset " + tensor.name, out.size());
            out.int64(tensor.offset);
        }
        for (TensorInfo tensor : tensors) {
            out.padTo(alignment);
            positions.put("data " + tensor.name, out.size());
            out.raw(tensor.data);
        }
        return out.bytes();
    }

    /** Where something begins in the file built last: "key k", "value k", "tensor t", "type t", "data t" and so on. */
    public long position(String what) {
        Long position = positions.get(what);
        if (position == null) {
            throw new IllegalArgumentException("no " + what + " in " + positions.keySet());
        }
        return position;
    }

    /** Writes the file. */
    public Path write(Path file) {
        try {
            return Files.write(file, build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Collects little-endian values. */
    public static final class LittleEndian {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        public LittleEndian int8(int value) {
            out.write(value);
            return this;
        }

        public LittleEndian int16(int value) {
            return raw(buffer(2).putShort((short) value).array());
        }

        public LittleEndian int32(int value) {
            return raw(buffer(4).putInt(value).array());
        }

        public LittleEndian int64(long value) {
            return raw(buffer(8).putLong(value).array());
        }

        public LittleEndian float32(float value) {
            return raw(buffer(4).putFloat(value).array());
        }

        public LittleEndian float64(double value) {
            return raw(buffer(8).putDouble(value).array());
        }

        public LittleEndian string(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            return int64(utf8.length).raw(utf8);
        }

        public LittleEndian raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        public byte[] bytes() {
            return out.toByteArray();
        }

        private void padTo(int alignment) {
            while (out.size() % alignment != 0) {
                out.write(0);
            }
        }

        private long size() {
            return out.size();
        }

        private static ByteBuffer buffer(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
