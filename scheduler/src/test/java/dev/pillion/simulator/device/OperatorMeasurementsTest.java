package dev.pillion.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pillion.scheduler.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorMeasurementsTest {
    private static final String LAYERS = """
            layer,tokens,time_us
            embedding,1,1
            layernorm,1,2
            qkv_proj,1,10
            qkv_proj,3,30
            qkv_proj,3,34
            rotary_emb,1,3
            o_proj,1,4
            gate_up_proj,1,5
            act_fn,1,6
            down_proj,1,7
            """;

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static RooflineOperatorTimes roofline() {
        return new RooflineOperatorTimes(
                ModelShapes.named("llama-3.1-8b"), Quantisation.BF16, KvType.BF16, GpuDevices.named("rtx4090"),
                AttentionLaunch.MERGED);
    }

    @Test
    void measuredTimesComeBackAndOthersLieBetweenThem() throws IOException {
        OperatorMeasurements measured = OperatorMeasurements.servingSim(
                file("dense.csv", LAYERS),
                file("sequences.csv", "layer,sequences,time_us\nlm_head,1,100\nlm_head,2,110\n"),
                file("attention.csv", """
                        prefill_chunk,kv_prefill,n_decode,kv_decode,time_us
                        0,0,4,1024,300
                        256,1024,0,0,500
                        256,1024,4,1024,900
                        """));
        MeasuredOperatorTimes times = MeasuredOperatorTimes.servingSim(measured, roofline());
        assertThat(times.seconds(Operation.QKV, 3)).as("mean of two").isCloseTo(32e-6, within(1e-12));
        assertThat(times.seconds(Operation.QKV, 2)).isCloseTo(21e-6, within(1e-12));
        assertThat(times.seconds(Operation.QKV, 6)).as("in proportion beyond").isCloseTo(64e-6, within(1e-12));
        assertThat(times.seconds(Operation.QKV, 0)).isZero();
        assertThat(times.seconds(Operation.LOGITS, 2)).isCloseTo(110e-6, within(1e-12));
        long work = StepWork.attendedInWindow(1024, 256, Integer.MAX_VALUE);
        assertThat(times.attentionSeconds(0, 0, 0, 4, 4096)).isCloseTo(300e-6, within(1e-9));
        assertThat(times.attentionSeconds(1, 256, work, 0, 0)).isCloseTo(500e-6, within(1e-9));
        assertThat(times.attentionSeconds(1, 256, work, 4, 4096)).isCloseTo(900e-6, within(1e-9));
        assertThat(times.attentionSeconds(0, 0, 0, 0, 0)).isZero();
    }

    @Test
    void profilesKnowTheirRanks() throws IOException {
        OperatorMeasurements measured = OperatorMeasurements.vidur(file("mlp.csv", """
                time_stats.emb.min,time_stats.emb.median,num_tokens,num_tensor_parallel_workers
                0.5,1.5,8,1
                0.2,,8,2
                """));
        assertThat(measured.of("emb", 1).getFirst()).isEqualTo(new OperatorMeasurements.Sample(1, 8, 1.5e-3));
        assertThatThrownBy(() -> measured.of("emb", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing was measured of emb with 2 ranks");
        assertThatThrownBy(() -> MeasuredOperatorTimes.vidur(measured, 1, roofline())).hasMessageContaining("attn_pre_proj");
    }

    @Test
    void whatIsWrongWithATableIsNamed() throws IOException {
        Path noColumn = file("a.csv", "layer,rows,time_us\nx,1,2\n");
        assertThatThrownBy(() -> OperatorMeasurements.servingSim(noColumn, noColumn, noColumn))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a.csv has no column tokens");
        Path noNumber = file("b.csv", "layer,tokens,time_us\nx,1,fast\n");
        assertThatThrownBy(() -> OperatorMeasurements.servingSim(noNumber, noNumber, noNumber))
                .hasMessageContaining("\"fast\" in column time_us");
        Path shortLine = file("c.csv", "layer,tokens,time_us\nx,1,2\ny,1\n");
        assertThatThrownBy(() -> OperatorMeasurements.servingSim(shortLine, shortLine, shortLine))
                .hasMessageContaining("c.csv line 3 has 2 fields, not 3");
        Path empty = file("d.csv", "");
        assertThatThrownBy(() -> OperatorMeasurements.vidur(empty)).hasMessageContaining("d.csv is empty");
    }
}
