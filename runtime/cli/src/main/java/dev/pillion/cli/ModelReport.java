package dev.pillion.cli;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.model.Model;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.model.architecture.ModelDescription;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code pillion inspect} tells about a model. A model that cannot be run can still be looked at: what is missing
 * is then the reason why.
 *
 * @param model the opened model
 * @param description its architecture, where it is a known one
 * @param plan what running it would take, where that is known
 * @param obstacle why one of the two is missing; empty if neither is
 */
record ModelReport(
        Model model, Optional<ModelDescription> description, Optional<MemoryPlan> plan, Optional<String> obstacle) {

    /** Tensors of one type. */
    private record TypeTotal(long count, long elements, long bytes) {
        TypeTotal plus(Tensor tensor) {
            return new TypeTotal(count + 1, elements + tensor.elements(), bytes + tensor.data().byteSize());
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("tensors", count);
            json.put("elements", elements);
            json.put("bytes", bytes);
            return json;
        }
    }

    static ModelReport of(Model model, EngineOptions options) {
        Optional<ModelDescription> description = Optional.empty();
        try {
            description = Optional.of(model.description());
            MemoryPlan plan = MemoryPlan.of(model, options);
            return new ModelReport(model, description, Optional.of(plan), Optional.empty());
        } catch (ModelFormatException | PillionException e) {
            return new ModelReport(model, description, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    void print(ResultWriter out) {
        out.line("path          " + Printable.of(model.path().toString()));
        out.line("format        " + model.format());
        description.ifPresent(d -> print(d, out));
        out.line(String.format(Locale.ROOT, "parameters    %,d", parameters()));
        totals().forEach((type, total) -> out.line(String.format(
                Locale.ROOT, "  %-8s    %d tensors, %s", type, total.count, ByteSize.format(total.bytes))));
        out.line("memory plan   " + plan.map(MemoryPlan::toString).orElse("none"));
        obstacle.ifPresent(reason -> out.line("not runnable  " + Printable.of(reason)));
        out.line("\nmetadata");
        model.metadata().forEach((key, value) ->
                out.line("  " + Printable.of(key) + " = " + Printable.of(MetadataPreview.text(value))));
        out.line("\ntensors");
        model.tensors().values().forEach(tensor -> out.line(String.format(
                Locale.ROOT,
                "  %-40s %-8s %-20s %s",
                Printable.of(tensor.name()),
                tensor.type(),
                shape(tensor.shape()),
                ByteSize.format(tensor.data().byteSize()))));
        out.flush();
    }

    private static void print(ModelDescription d, ResultWriter out) {
        out.line("name          " + Printable.of(d.name()));
        out.line("architecture  " + Printable.of(d.architecture()));
        out.line("layers        " + d.layers());
        out.line("hidden size   " + d.hiddenSize());
        out.line("heads         " + d.heads() + " (" + d.kvHeads() + " for keys and values) of " + d.headDim());
        out.line("feed-forward  " + d.feedForwardSize());
        out.line("vocabulary    " + d.vocabularySize());
        out.line("context       " + d.contextLength() + " tokens");
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", model.path().toString());
        json.put("format", model.format());
        json.put("description", description.map(ModelReport::json));
        json.put("memory_plan", plan.map(ModelReport::json));
        json.put("obstacle", obstacle);
        json.put("parameters", parameters());
        Map<String, Object> types = new LinkedHashMap<>();
        totals().forEach((type, total) -> types.put(type.name(), total.json()));
        json.put("types", types);
        Map<String, Object> metadata = new LinkedHashMap<>();
        model.metadata().forEach((key, value) -> metadata.put(key, MetadataPreview.json(value)));
        json.put("metadata", metadata);
        json.put("tensors", model.tensors().values().stream().map(ModelReport::json).toList());
        return json;
    }

    private static Map<String, Object> json(ModelDescription d) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architecture", d.architecture());
        json.put("name", d.name());
        json.put("layers", d.layers());
        json.put("hidden_size", d.hiddenSize());
        json.put("heads", d.heads());
        json.put("kv_heads", d.kvHeads());
        json.put("head_dim", d.headDim());
        json.put("feed_forward_size", d.feedForwardSize());
        json.put("vocabulary_size", d.vocabularySize());
        json.put("context_length", d.contextLength());
        json.put("norm_epsilon", d.normEpsilon());
        return json;
    }

    private static Map<String, Object> json(MemoryPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("weight_bytes", plan.weightBytes());
        json.put("kv_bytes", plan.kvBytes());
        json.put("kv_bytes_per_token", plan.kvBytesPerToken());
        json.put("kv_blocks", plan.kvBlocks());
        json.put("kv_block_tokens", plan.kvBlockTokens());
        json.put("workspace_bytes", plan.workspaceBytes());
        json.put("total_bytes", plan.totalBytes());
        json.put("context_tokens", plan.contextTokens());
        return json;
    }

    private static Map<String, Object> json(Tensor tensor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", tensor.name());
        json.put("type", tensor.type());
        json.put("shape", tensor.shape());
        json.put("bytes", tensor.data().byteSize());
        return json;
    }

    private long parameters() {
        return totals().values().stream().mapToLong(TypeTotal::elements).sum();
    }

    private Map<TensorType, TypeTotal> totals() {
        Map<TensorType, TypeTotal> totals = new EnumMap<>(TensorType.class);
        for (Tensor tensor : model.tensors().values()) {
            totals.put(tensor.type(), totals.getOrDefault(tensor.type(), new TypeTotal(0, 0, 0)).plus(tensor));
        }
        return totals;
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(" x ", "[", "]"));
    }
}
