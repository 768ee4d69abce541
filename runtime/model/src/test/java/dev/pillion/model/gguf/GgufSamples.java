package dev.pillion.model.gguf;

import dev.pillion.model.TensorType;
import dev.pillion.model.gguf.GgufBuilder.LittleEndian;
import java.util.List;

/** Small files for several tests. */
final class GgufSamples {
    private GgufSamples() {}

    /** Every value type, alone and in an array, arrays in arrays, and tensors of plain and block types. */
    static GgufBuilder everyType() {
        return new GgufBuilder()
                .string("general.architecture", "llama")
                .pair("u8", GgufValues.UINT8, new LittleEndian().int8(200).bytes())
                .pair("i8", GgufValues.INT8, new LittleEndian().int8(-100).bytes())
                .uint16("u16", 60_000)
                .pair("i16", GgufValues.INT16, new LittleEndian().int16(-30_000).bytes())
                .uint32("u32", 4_000_000_000L)
                .int32("i32", -2_000_000_000)
                .pair("u64", GgufValues.UINT64, new LittleEndian().int64(-1).bytes())
                .pair("i64", GgufValues.INT64, new LittleEndian().int64(Long.MIN_VALUE).bytes())
                .float32("f32", 1.5f)
                .pair("f64", GgufValues.FLOAT64, new LittleEndian().float64(Math.PI).bytes())
                .bool("yes", true)
                .bool("no", false)
                .string("empty", "")
                .string("text", "h\u00e9llo \uD83C\uDF0D")
                .array("u8s", GgufValues.UINT8, 2, new LittleEndian().int8(0).int8(255).bytes())
                .array("i8s", GgufValues.INT8, 2, new LittleEndian().int8(-1).int8(127).bytes())
                .array("u16s", GgufValues.UINT16, 2, new LittleEndian().int16(65535).int16(1).bytes())
                .array("i16s", GgufValues.INT16, 2, new LittleEndian().int16(-1).int16(2).bytes())
                .array("u32s", GgufValues.UINT32, 1, new LittleEndian().int32(-1).bytes())
                .int32s("i32s", -1, 7)
                .array("u64s", GgufValues.UINT64, 1, new LittleEndian().int64(5).bytes())
                .array("i64s", GgufValues.INT64, 1, new LittleEndian().int64(-5).bytes())
                .float32s("f32s", 0.5f, -2f)
                .array("f64s", GgufValues.FLOAT64, 1, new LittleEndian().float64(0.1).bytes())
                .array("bools", GgufValues.BOOL, 3, new byte[] {1, 0, 1})
                .strings("strings", List.of("a", "", "\u00fc"))
                .strings("noStrings", List.of())
                .array("lists", GgufValues.ARRAY, 2, new LittleEndian()
                        .int32(GgufValues.INT32).int64(2).int32(1).int32(2)
                        .int32(GgufValues.STRING).int64(1).string("x").bytes())
                .tensor("token_embd.weight", TensorType.F32, counting(2 * 3 * 4), 2, 3)
                .tensor("blk.0.attn_q.weight", TensorType.Q4_0, counting(2 * 2 * 18), 2, 64)
                .tensor("blk.0.cube", TensorType.I8, counting(24), 2, 3, 4)
                .tensor("scalar", TensorType.F16, counting(2));
    }

    /** Bytes 1, 2, 3 and so on. */
    static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }
}
