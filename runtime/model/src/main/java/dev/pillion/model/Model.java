package dev.pillion.model;

import dev.pillion.model.architecture.GgufArchitecture;
import dev.pillion.model.architecture.HuggingFaceArchitecture;
import dev.pillion.model.architecture.HuggingFaceTensorNames;
import dev.pillion.model.architecture.ModelDescription;
import dev.pillion.model.gguf.GgufFile;
import dev.pillion.model.json.Json;
import dev.pillion.model.safetensors.SafetensorsFile;
import dev.pillion.model.template.ChatTemplate;
import dev.pillion.model.template.TemplateException;
import dev.pillion.model.tokenizer.Tokenizer;
import dev.pillion.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk: what it looks like, its mapped tensors under GGUF names, its tokenizer and its chat template, from a
 * GGUF file or from a folder with config.json and safetensors.
 *
 * <p>The parts are read when first asked for, so a file that holds only a vocabulary serves as a tokenizer. Safe for use by
 * many threads. Closing unmaps the tensors; the other parts stay usable.
 */
public final class Model implements AutoCloseable {
    /** Reads the parts of a model from one kind of container. */
    private interface Source {
        ModelDescription description();

        Map<String, Tensor> tensors();

        Tokenizer tokenizer();

        Optional<String> templateSource();

        Map<String, Object> metadata();
    }

    private final ModelFile file;
    private final Source source;
    private @Nullable ModelDescription description;
    private @Nullable Tokenizer tokenizer;
    private @Nullable Map<String, Tensor> tensors;

    private Model(ModelFile file, Source source) {
        this.file = file;
        this.source = source;
    }

    /**
     * Opens a model.
     *
     * @param path a .gguf file (the first one of a sharded model), a folder with config.json and safetensors, or a
     *     .safetensors file in such a folder
     * @throws ModelFormatException if it is none of these, or broken
     * @throws UncheckedIOException if it cannot be read
     */
    public static Model open(Path path) {
        if (!Files.exists(path)) {
            throw new ModelFormatException(path, "model", "does not exist");
        }
        Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        if (!Files.isDirectory(path) && !path.toString().endsWith(".safetensors")) {
            GgufFile gguf = GgufFile.open(path);
            return new Model(gguf, new GgufSource(gguf));
        }
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            throw new ModelFormatException(
                    folder, "config.json", "is missing; a model is a .gguf file or a folder with config.json and safetensors");
        }
        SafetensorsFile safetensors = SafetensorsFile.open(path);
        return new Model(safetensors, new FolderSource(safetensors, folder));
    }

    /**
     * A model that is not on disk, such as random weights of a given shape.
     *
     * @param file holds the tensors under GGUF names, closed with the model
     * @param description the model's shape
     * @param tokenizer encodes its text
     */
    public static Model of(ModelFile file, ModelDescription description, Tokenizer tokenizer) {
        return new Model(file, new GivenSource(file, description, tokenizer));
    }

    /** The file or folder. */
    public Path path() {
        return file.path();
    }

    /** Container and version for people, such as {@code GGUF v3}. */
    public String format() {
        return file.format();
    }

    /**
     * What the forward pass follows.
     *
     * @throws ModelFormatException if the architecture is unknown or described wrongly
     */
    public synchronized ModelDescription description() {
        if (description == null) {
            description = source.description();
        }
        return description;
    }

    /** The mapped tensors by GGUF name; valid until the model closes. */
    public synchronized Map<String, Tensor> tensors() {
        if (tensors == null) {
            tensors = Collections.unmodifiableMap(source.tensors());
        }
        return tensors;
    }

    /**
     * The tokenizer.
     *
     * @throws ModelFormatException if the model has none, or one of an unknown kind
     */
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            tokenizer = source.tokenizer();
        }
        return tokenizer;
    }

    /**
     * The chat template, where the model has one.
     *
     * @throws ModelFormatException if it cannot be parsed
     */
    public Optional<ChatTemplate> chatTemplate() {
        return source.templateSource().map(text -> {
            try {
                return ChatTemplate.parse(text);
            } catch (TemplateException e) {
                throw new ModelFormatException(path(), "chat template", String.valueOf(e.getMessage()));
            }
        });
    }

    /** What else the file says about itself, by key. */
    public Map<String, Object> metadata() {
        return source.metadata();
    }

    /** Unmaps the tensors. Idempotent. */
    @Override
    public void close() {
        file.close();
    }

    private record GgufSource(GgufFile file) implements Source {
        @Override
        public ModelDescription description() {
            return GgufArchitecture.read(file.metadata(), file.tensors());
        }

        @Override
        public Map<String, Tensor> tensors() {
            return file.tensors();
        }

        @Override
        public Tokenizer tokenizer() {
            return Tokenizers.fromGguf(file.metadata());
        }

        @Override
        public Optional<String> templateSource() {
            return file.metadata().string("tokenizer.chat_template");
        }

        @Override
        public Map<String, Object> metadata() {
            return file.metadata().values();
        }
    }

    private record FolderSource(SafetensorsFile file, Path folder) implements Source {
        @Override
        public ModelDescription description() {
            return HuggingFaceArchitecture.read(folder.resolve("config.json"));
        }

        @Override
        public Map<String, Tensor> tensors() {
            return HuggingFaceTensorNames.canonical(file.path(), file.tensors());
        }

        @Override
        public Tokenizer tokenizer() {
            return Tokenizers.fromHuggingFace(folder);
        }

        /** A chat_template.jinja file, or the template (the one named "default" of a list) in tokenizer_config.json. */
        @Override
        public Optional<String> templateSource() {
            Path jinja = folder.resolve("chat_template.jinja");
            if (Files.isRegularFile(jinja)) {
                try {
                    return Optional.of(Files.readString(jinja));
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot read " + jinja, e);
                }
            }
            Path config = folder.resolve("tokenizer_config.json");
            if (!Files.isRegularFile(config)) {
                return Optional.empty();
            }
            Object template = Json.parseObject(config).get("chat_template");
            if (template instanceof List<?> named) {
                template = named.stream()
                        .filter(entry -> entry instanceof Map<?, ?> map && "default".equals(map.get("name")))
                        .map(entry -> ((Map<?, ?>) entry).get("template"))
                        .findFirst()
                        .orElse(null);
            }
            return template instanceof String text ? Optional.of(text) : Optional.empty();
        }

        @Override
        public Map<String, Object> metadata() {
            Map<String, Object> values = new LinkedHashMap<>();
            Json.parseObject(folder.resolve("config.json")).forEach((key, value) -> {
                if (value != null) {
                    values.put(key, value);
                }
            });
            return values;
        }
    }

    private record GivenSource(ModelFile file, ModelDescription description, Tokenizer tokenizer) implements Source {
        @Override
        public Map<String, Tensor> tensors() {
            return file.tensors();
        }

        @Override
        public Optional<String> templateSource() {
            return Optional.empty();
        }

        @Override
        public Map<String, Object> metadata() {
            return Map.of();
        }
    }
}
