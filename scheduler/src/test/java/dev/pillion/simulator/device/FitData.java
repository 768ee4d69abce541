package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import dev.pillion.simulator.device.OperatorMeasurements.Csv;
import dev.pillion.simulator.device.OperatorMeasurements.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * Measured times of operations that coefficients are fitted to and checked on: a random half of the rows of each table for the
 * one, the rest for the other.
 */
final class FitData {
    private static final long SEED = 20_260_401;

    static final TransformerSizes LLAMA_3_8B = ModelShapes.named("llama-3.1-8b");
    static final TransformerSizes LLAMA_2_7B = ModelShapes.named("llama-2-7b");
    /** Of Qwen3 30B-A3B only the attention counts here; its experts are no dense feed-forward. */
    static final TransformerSizes QWEN3_A3B = new TransformerSizes(
            "qwen3-30b-a3b", 48, 2048, 32, 4, 128, 768, 151936, true, true, false, 0, 0);

    /** Names of a table's operations and what they are here. */
    static final Map<String, Operation> VIDUR = Map.of(
            "emb", Operation.EMBED, "attn_pre_proj", Operation.QKV, "attn_rope", Operation.ROPE_KV_WRITE,
            "attn_post_proj", Operation.ATTENTION_OUT, "mlp_up_proj", Operation.GATE_UP, "mlp_act", Operation.ACTIVATION,
            "mlp_down_proj", Operation.DOWN);

    static final Map<String, Operation> SERVING_SIM = Map.of(
            "embedding", Operation.EMBED, "layernorm", Operation.NORM, "qkv_proj", Operation.QKV,
            "rotary_emb", Operation.ROPE_KV_WRITE, "o_proj", Operation.ATTENTION_OUT, "gate_up_proj", Operation.GATE_UP,
            "act_fn", Operation.ACTIVATION, "down_proj", Operation.DOWN, "lm_head", Operation.LOGITS);

    /**
     * One table.
     *
     * @param title for people
     * @param model whose layers were measured
     * @param operations what its names mean
     */
    record Table(
            String title,
            String device,
            TransformerSizes model,
            Map<String, Operation> operations,
            OperatorMeasurements samples) {}

    private final Path traces;
    private final IntPredicate rows;

    private FitData(Path traces, IntPredicate rows) {
        this.traces = traces;
        this.rows = rows;
    }

    /** The rows to fit to. */
    static FitData forFit(Path traces) {
        return new FitData(traces, row -> !held(row));
    }

    /** The rows held back. */
    static FitData heldBack(Path traces) {
        return new FitData(traces, FitData::held);
    }

    private static boolean held(int row) {
        return new SplittableRandom(SEED + row).nextBoolean();
    }

    List<Table> tables() {
        return List.of(
                vidur("A100, Llama 3 8B", "a100", LLAMA_3_8B, "profiling-a100-llama3-8b-mlp.csv"),
                vidur("H100, Llama 2 7B", "h100", LLAMA_2_7B, "profiling-h100-llama2-7b-mlp.csv"),
                servingSim("RTX 4090, Llama 3.1 8B", "rtx4090", LLAMA_3_8B, "RTX4090-meta-llama-Llama-3.1-8B-tp1-"),
                servingSim("RTX PRO 6000, Llama 3.1 8B", "rtx-pro-6000", LLAMA_3_8B, "RTXPRO6000-meta-llama-Llama-3.1-8B-tp1-"),
                attentionOnly(servingSim(
                        "RTX PRO 6000, Qwen3 30B-A3B", "rtx-pro-6000", QWEN3_A3B,
                        "RTXPRO6000-Qwen-Qwen3-30B-A3B-Instruct-2507-tp1-")));
    }

    private Table vidur(String title, String device, TransformerSizes model, String file) {
        return new Table(title, device, model, VIDUR, OperatorMeasurements.vidur(traces.resolve("vidur").resolve(file), rows));
    }

    private Table servingSim(String title, String device, TransformerSizes model, String prefix) {
        Path folder = traces.resolve("llmservingsim").resolve("perf");
        OperatorMeasurements samples = OperatorMeasurements.servingSim(
                folder.resolve(prefix + "dense.csv"), folder.resolve(prefix + "per_sequence.csv"),
                folder.resolve(prefix + "attention.csv"), rows);
        return new Table(title, device, model, SERVING_SIM, samples);
    }

    private static Table attentionOnly(Table table) {
        return new Table(
                table.title(), table.device(), table.model(), Map.of(),
                new OperatorMeasurements(Map.of(), table.samples().attention()));
    }

    /** Times to add up a tensor within one server of A100s: bytes as rows, by ranks. */
    Map<Integer, List<Sample>> allReduces() {
        Csv csv = Csv.read(traces.resolve("vidur").resolve("profiling-network-a100_dgx-all_reduce.csv"));
        int time = csv.column("time_stats.all_reduce.median");
        int ranks = csv.column("num_workers");
        int size = csv.column("size");
        int perServer = csv.column("devices_per_node");
        Map<Integer, List<Sample>> byRanks = new TreeMap<>();
        csv.forEach(rows, row -> {
            int count = csv.integer(row, ranks);
            if (count == csv.integer(row, perServer)) {
                byRanks.computeIfAbsent(count, key -> new ArrayList<>())
                        .add(new Sample(count, csv.integer(row, size), csv.number(row, time) * 1e-3));
            }
        });
        return byRanks;
    }
}
