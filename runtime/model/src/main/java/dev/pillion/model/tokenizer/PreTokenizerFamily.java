package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The pre-tokenizers that a GGUF file names in {@code tokenizer.ggml.pre}. Many names share a family: a name is given
 * to each vocabulary, an expression is shared by many.
 */
enum PreTokenizerFamily {
    DEFAULT(
            List.of("default"),
            "[\\p{P}\\$\\+<=>\\^~\\|]+", Gpt2Scanner.EXPRESSION, "\\p{N}+", "[0-9][0-9][0-9]"),
    GPT_2(
            List.of(
                    "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "gigachat", "a.x-4.0",
                    "mellum", "exaone4"),
            Gpt2Scanner.EXPRESSION),
    STARCODER(
            List.of("starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b"),
            "\\p{N}", Gpt2Scanner.EXPRESSION),
    FALCON(
            List.of("falcon"),
            "[\\p{P}\\$\\+<=>\\^~\\|`]+", Gpt2Scanner.EXPRESSION, "[0-9][0-9][0-9]"),
    LLAMA_3(
            List.of("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
            Expressions.cl100k(Expressions.UP_TO_THREE_NUMBERS)),
    CL100K(
            List.of("dbrx", "smaug-bpe", "chatglm-bpe", "glm4"),
            Expressions.cl100k(Expressions.UP_TO_THREE_NUMBERS)),
    QWEN_2(
            List.of("qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "hunyuan", "kormo", "grok-2"),
            Expressions.cl100k(Expressions.ONE_NUMBER)),
    QWEN_3_5(
            List.of("qwen35"),
            Expressions.MARKS_IN_WORDS),
    GPT_4O(
            List.of("gpt-4o", "llama4", "kanana2"),
            Expressions.o200k(Expressions.CONTRACTIONS + "?", Expressions.UP_TO_THREE_NUMBERS)),
    TEKKEN(
            List.of("tekken"),
            Expressions.o200k("", Expressions.ONE_NUMBER)),
    DEEPSEEK_LLM(
            List.of("deepseek-llm"),
            "[\r\n]",
            "\\s?[" + DeepSeekClasses.CASED_LETTERS + "]+",
            "\\s?[" + DeepSeekClasses.SIGNS + "]+",
            "\\s+$",
            "[" + DeepSeekClasses.EAST_ASIAN + "]+",
            "\\p{N}+"),
    DEEPSEEK_CODER(
            List.of("deepseek-coder"),
            "[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[" + DeepSeekClasses.EAST_ASIAN + "]+", "\\p{N}"),
    DEEPSEEK_V3(
            List.of("deepseek-v3", "hunyuan-dense"),
            "\\p{N}{1,3}", "[" + DeepSeekClasses.HAN_AND_KANA + "]+", DeepSeekV3Scanner.EXPRESSION);

    private final List<String> names;
    private final List<String> expressions;

    PreTokenizerFamily(List<String> names, String... expressions) {
        this.names = names;
        this.expressions = List.of(expressions);
    }

    /** The family with a name. */
    static Optional<PreTokenizerFamily> named(String name) {
        for (PreTokenizerFamily family : values()) {
            if (family.names.contains(name)) {
                return Optional.of(family);
            }
        }
        return Optional.empty();
    }

    /** All names, sorted. */
    static Set<String> allNames() {
        Set<String> all = new TreeSet<>();
        for (PreTokenizerFamily family : values()) {
            all.addAll(family.names);
        }
        return all;
    }

    /** The expressions, each applied to what the one before left. */
    List<String> expressions() {
        return expressions;
    }

    /** The steps: one split per expression, then the byte-level alphabet. */
    PreTokenizer preTokenizer() {
        List<PreTokenizer> steps = new ArrayList<>();
        for (String expression : expressions) {
            steps.add(Split.at(Expressions.get(expression)));
        }
        steps.add(new ByteLevel(false, false));
        return PreTokenizer.sequence(steps);
    }

    /** Whether the vocabularies of this family make a piece that is a token that token, whatever the merges say. */
    boolean wholePieces() {
        return this == LLAMA_3 || this == TEKKEN;
    }

    /** Whether the models of this family want a beginning-of-text token where the file does not say. */
    boolean addsBeginning() {
        return this == LLAMA_3 || this == TEKKEN;
    }
}
