package dev.pillion.model.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files for tests, good ones and, through {@link #file} and {@link #rawEntry}, bad ones. */
public final class SafetensorsBuilder {
    private final List<String> entries = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Adds {@code __metadata__}; {@code json} is the whole value. */
    public SafetensorsBuilder metadata(String json) {
        return rawEntry("__metadata__", json);
    }

    /** A tensor whose bytes follow those of the tensor before. */
    public SafetensorsBuilder tensor(String name, String dtype, byte[] bytes, long... shape) {
        int begin = data.size();
        data.writeBytes(bytes);
        return rawEntry(name, "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(dtype, Arrays.toString(shape), begin, data.size()));
    }

    /** A header entry as it is; the name is written without escapes. */
    public SafetensorsBuilder rawEntry(String name, String json) {
        entries.add("\"" + name + "\":" + json);
        return this;
    }

    /** The header's JSON. */
    public String header() {
        return "{" + String.join(",", entries) + "}";
    }

    /** The file's bytes. */
    public byte[] build() {
        return file(header(), data.toByteArray());
    }

    /** Puts any header before any data. */
    public static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array();
    }

    /** Writes the file. */
    public Path write(Path file) {
        try {
            return Files.write(file, build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
