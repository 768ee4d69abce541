package dev.pillion.model.template;

import java.util.List;

/**
 * A chat template: the Jinja program of a model that turns messages into the text of a prompt.
 *
 * <p>It renders as transformers' {@code apply_chat_template} does. Templates come with model files and are untrusted:
 * a template reaches no Java object, no file and no other template, and {@link TemplateLimits} bounds what it uses.
 * Whatever is wrong with one ends in a {@link TemplateException}. A parsed template never changes and may be rendered
 * by many threads at once.
 */
public final class ChatTemplate {
    private final Source source;
    private final List<Statement> body;
    private final TemplateLimits limits;

    private ChatTemplate(Source source, List<Statement> body, TemplateLimits limits) {
        this.source = source;
        this.body = body;
        this.limits = limits;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if the text is no template
     */
    public static ChatTemplate parse(String text) {
        return parse(text, TemplateLimits.DEFAULT);
    }

    /**
     * Parses a template that is to keep to other limits than the usual ones.
     *
     * @throws TemplateException if the text is no template
     */
    public static ChatTemplate parse(String text, TemplateLimits limits) {
        if (text.length() > limits.sourceChars()) {
            throw new TemplateException(TemplateException.Kind.LIMIT, 1, 1, "over the limit: a template of "
                    + text.length() + " characters, more than " + limits.sourceChars());
        }
        Source source = Source.of(text);
        return new ChatTemplate(source, StatementParser.parse(source), limits);
    }

    /**
     * Renders a conversation.
     *
     * @throws TemplateException if the template fails, refuses the conversation or breaches a limit
     * @throws IllegalArgumentException if a message or an option holds a value of a type that templates do not know
     */
    public String render(List<ChatMessage> messages, RenderOptions options) {
        Interpreter interpreter = new Interpreter(source, limits, options.clock());
        Scope scope = Scope.global();
        Globals.define(scope);
        try {
            scope.set("messages", Inputs.copy(messages.stream().map(ChatMessage::fields).toList(), "messages"));
            scope.set("tools", options.tools().isEmpty() ? None.NONE : Inputs.copy(options.tools(), "tools"));
            scope.set("documents", None.NONE);
            scope.set("add_generation_prompt", options.addGenerationPrompt());
            options.bosToken().ifPresent(token -> scope.set("bos_token", token));
            options.eosToken().ifPresent(token -> scope.set("eos_token", token));
            options.variables().forEach((name, value) -> scope.set(name, Inputs.copy(value, name)));
            return interpreter.capture(body, scope.inner());
        } catch (Failure e) {
            throw source.error(0, e);
        }
    }
}
