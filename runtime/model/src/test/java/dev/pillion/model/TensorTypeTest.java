package dev.pillion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.json.Json;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TensorTypeTest {
    @Test
    void blocksAreThoseOfTheVectors() {
        Map<String, Object> index = Json.parseObject(SharedTestData.path("data/quant-vectors/index.json"));
        Set<TensorType> seen = EnumSet.noneOf(TensorType.class);
        for (Object entry : (List<?>) index.get("types")) {
            Map<?, ?> expected = (Map<?, ?>) entry;
            TensorType type = TensorType.valueOf((String) expected.get("type"));
            assertThat((long) type.id()).as("id of %s", type).isEqualTo(expected.get("ggml_type"));
            assertThat((long) type.blockLength()).as("block length of %s", type).isEqualTo(expected.get("block_elems"));
            assertThat((long) type.blockBytes()).as("block bytes of %s", type).isEqualTo(expected.get("block_bytes"));
            seen.add(type);
        }
        assertThat(seen).hasSizeGreaterThanOrEqualTo(24).contains(TensorType.NVFP4, TensorType.MXFP4, TensorType.Q6_K);
    }

    @Test
    void idsAreFoundAgain() {
        for (TensorType type : TensorType.values()) {
            assertThat(TensorType.ofId(type.id())).contains(type);
        }
        for (int id : new int[] {-1, Integer.MIN_VALUE, 4, 5, 31, 63, 64, Integer.MAX_VALUE}) {
            assertThat(TensorType.ofId(id)).as("id %d", id).isEmpty();
        }
    }

    @Test
    void bytesOfWholeBlocks() {
        assertThat(TensorType.Q4_0.bytesFor(64)).isEqualTo(36);
        assertThat(TensorType.F32.bytesFor(0)).isZero();
        assertThatThrownBy(() -> TensorType.Q4_0.bytesFor(33)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TensorType.F32.bytesFor(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TensorType.F64.bytesFor(Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
    }
}
