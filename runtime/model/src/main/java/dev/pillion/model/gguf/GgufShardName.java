package dev.pillion.model.gguf;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file name of a shard, {@code prefix-00001-of-00003.gguf}, and what the shard's metadata must say to go with it.
 *
 * @param path the shard
 * @param prefix the name up to the number
 * @param number counted from 0, as {@code split.no} does; the name counts from 1
 * @param count number of shards
 */
record GgufShardName(Path path, String prefix, int number, int count) {
    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);
    private static final int MAX_SHARDS = 99_999;
    private static final String SPLIT_NO = "split.no";
    private static final String SPLIT_COUNT = "split.count";

    /** Takes a name apart. */
    static GgufShardName of(Path path) {
        Matcher matcher = NAME.matcher(String.valueOf(path.getFileName()));
        if (!matcher.matches()) {
            throw new ModelFormatException(path, "file name",
                    "this is one of several shards, so its name should end in -00001-of-0000N.gguf");
        }
        return new GgufShardName(
                path, matcher.group(1), Integer.parseInt(matcher.group(2)) - 1, Integer.parseInt(matcher.group(3)));
    }

    /** The path of another shard of the same model. */
    Path sibling(int otherNumber) {
        return path.resolveSibling("%s-%05d-of-%05d.gguf".formatted(prefix, otherNumber + 1, count));
    }

    /** Checks the file that was opened and returns the number of shards, 1 for a file that is not sharded. */
    static int checkFirst(Path path, Metadata metadata) {
        long count = metadata.integer(SPLIT_COUNT).orElse(1);
        if (count < 0 || count > MAX_SHARDS) {
            throw new ModelFormatException(path, "metadata key " + SPLIT_COUNT, "is " + Long.toUnsignedString(count)
                    + "; at most " + MAX_SHARDS + " shards can be named");
        }
        if (count <= 1) {
            return 1;
        }
        GgufShardName name = of(path);
        long number = metadata.integer(SPLIT_NO).orElseThrow(() -> metadata.missing(SPLIT_NO));
        if (number != 0) {
            throw new ModelFormatException(path, "metadata key " + SPLIT_NO, "this is shard " + (number + 1) + " of "
                    + count + "; open the first, " + name.sibling(0).getFileName());
        }
        if (name.number != 0 || name.count != count) {
            throw new ModelFormatException(path, "file name",
                    "should end in -00001-of-%05d.gguf, because the metadata says that this is shard 1 of %d"
                            .formatted(count, count));
        }
        return (int) count;
    }

    /** Checks that the file at a sibling's name is that sibling. */
    static void checkFurther(Path path, Metadata metadata, int number, int count) {
        check(path, metadata, SPLIT_NO, number);
        check(path, metadata, SPLIT_COUNT, count);
    }

    private static void check(Path path, Metadata metadata, String key, long expected) {
        OptionalLong value = metadata.integer(key);
        if (value.isEmpty()) {
            throw metadata.missing(key);
        }
        if (value.getAsLong() != expected) {
            throw new ModelFormatException(
                    path, "metadata key " + key, "is " + value.getAsLong() + " but should be " + expected);
        }
    }
}
