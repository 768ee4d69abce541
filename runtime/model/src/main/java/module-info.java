/**
 * What a model is, before anything runs it. Readers for GGUF and safetensors files (untrusted input: one
 * {@code ModelFormatException} per bad file), the quantised block types with their scalar decoders, tokenizers, chat
 * templates, and the description of an architecture that the forward pass follows. The room knows no device and no
 * request; a new model family is a description and a tensor-name table added here.
 */
module dev.pillion.model {
    requires com.fasterxml.jackson.core;
    requires static org.jspecify;

    exports dev.pillion.model;
    exports dev.pillion.model.architecture;
    exports dev.pillion.model.gguf;
    exports dev.pillion.model.json;
    exports dev.pillion.model.quant;
    exports dev.pillion.model.safetensors;
    exports dev.pillion.model.template;
    exports dev.pillion.model.tokenizer;
}
