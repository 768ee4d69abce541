package dev.pillion.model.template;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A statement of the tree. */
sealed interface Statement {
    /** Offset in the source, for messages. */
    int at();

    record Text(String text, int at) implements Statement {}

    record Print(Expression value, int at) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int at) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression items,
            Optional<Expression> filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int at)
            implements Statement {}

    record Break(int at) implements Statement {}

    record Continue(int at) implements Statement {}

    record Set(Target target, Expression value, int at) implements Statement {}

    record SetBlock(Target target, List<Expression.FilterStep> filters, List<Statement> body, int at)
            implements Statement {}

    record Macro(Signature signature, int at) implements Statement {}

    /** A call whose callee may run the body by calling {@code caller}. */
    record CallBlock(Expression.Call call, Signature caller, int at) implements Statement {}

    record FilterBlock(List<Expression.FilterStep> filters, List<Statement> body, int at) implements Statement {}

    /** {@code with} and {@code generation}: a body with a scope of its own. */
    record Scoped(List<Binding> bindings, List<Statement> body, int at) implements Statement {}

    record Binding(Target target, Expression value) {}

    /**
     * What a macro looks like from outside.
     *
     * @param uses the names its body reads, which decide whether it accepts surplus arguments and a caller
     */
    record Signature(String name, List<Parameter> parameters, List<Statement> body, Collection<String> uses) {}

    record Parameter(String name, Optional<Expression> fallback) {}

    /** Where an assignment goes. */
    sealed interface Target {
        record Variable(String name) implements Target {}

        /** An attribute of a {@code namespace()} value. */
        record NamespaceAttribute(String namespace, String attribute) implements Target {}

        record Several(List<Target> targets) implements Target {}
    }
}
