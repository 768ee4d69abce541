package dev.pillion.model.architecture;

import dev.pillion.model.ModelFormatException;
import dev.pillion.model.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of Hugging Face checkpoints turned into GGUF's, which the forward pass uses. */
public final class HuggingFaceTensorNames {
    private static final Map<String, String> OUTER = Map.of(
            "model.embed_tokens.weight", "token_embd.weight",
            "model.norm.weight", "output_norm.weight",
            "lm_head.weight", "output.weight");

    private static final Map<String, String> IN_LAYER = Map.ofEntries(
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d{1,6})\\.(.+)\\.(weight|bias)");

    /** Constant tables that old checkpoints store beside the weights; they are computed from the config instead. */
    private static final String STORED_FREQUENCIES = ".rotary_emb.inv_freq";

    private HuggingFaceTensorNames() {}

    /**
     * Renames a checkpoint's tensors.
     *
     * @param file named in the exception
     * @param tensors the tensors under their own names
     * @return the tensors by GGUF name
     * @throws ModelFormatException if a tensor has no place in the architecture
     */
    public static Map<String, Tensor> canonical(Path file, Map<String, Tensor> tensors) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (!name.endsWith(STORED_FREQUENCIES)) {
                result.put(canonical(file, name), tensor);
            }
        });
        return result;
    }

    private static String canonical(Path file, String name) {
        Matcher layer = LAYER.matcher(name);
        String found = layer.matches() ? IN_LAYER.get(layer.group(2)) : OUTER.get(name);
        if (found == null) {
            throw new ModelFormatException(
                    file, "tensor " + name, "has no place in the supported architectures and would be ignored");
        }
        return layer.matches() ? "blk." + Integer.parseInt(layer.group(1)) + "." + found + "." + layer.group(3) : found;
    }
}
