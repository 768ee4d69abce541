package dev.pillion.model.template;

import dev.pillion.model.template.Statement.Target;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** One render: executes statements and collects what they print. */
final class Interpreter {
    /** How a statement ended. */
    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private final Source source;
    private final Budget budget;
    private final Clock clock;
    private final PyFormat format;
    private final PyCompare compare;
    private final Evaluator evaluator;
    private TextBuffer out;

    Interpreter(Source source, TemplateLimits limits, Clock clock) {
        this.source = source;
        this.budget = new Budget(limits);
        this.clock = clock;
        this.format = new PyFormat(budget);
        this.compare = new PyCompare(budget);
        this.evaluator = new Evaluator(this);
        this.out = new TextBuffer(budget);
    }

    Source source() {
        return source;
    }

    Budget budget() {
        return budget;
    }

    Clock clock() {
        return clock;
    }

    PyFormat format() {
        return format;
    }

    PyCompare compare() {
        return compare;
    }

    Object evaluate(Expression expression, Scope scope) {
        return evaluator.evaluate(expression, scope);
    }

    /** Executes statements and returns what they print. */
    String capture(List<Statement> body, Scope scope) {
        return captured(() -> run(body, scope));
    }

    private String captured(Runnable prints) {
        TextBuffer outer = out;
        out = new TextBuffer(budget);
        budget.enter();
        try {
            prints.run();
            return out.toString();
        } finally {
            budget.leave();
            out = outer;
        }
    }

    private Flow run(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            Flow flow = run(statement, scope);
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope) {
        try {
            budget.enter();
            return switch (statement) {
                case Statement.Text text -> print(text.text());
                case Statement.Print print -> print(format.str(evaluate(print.value(), scope)));
                case Statement.If choice -> choose(choice, scope);
                case Statement.For loop -> loop(loop, evaluate(loop.items(), scope), scope, 0);
                case Statement.Break b -> Flow.BREAK;
                case Statement.Continue c -> Flow.CONTINUE;
                case Statement.Set set -> assign(set.target(), evaluate(set.value(), scope), scope);
                case Statement.SetBlock set -> setBlock(set, scope);
                case Statement.Macro macro -> define(macro.signature(), scope);
                case Statement.CallBlock call -> callBlock(call, scope);
                case Statement.FilterBlock block ->
                        print(format.str(filtered(capture(block.body(), scope.inner()), block.filters(), scope)));
                case Statement.Scoped scoped -> scoped(scoped, scope);
            };
        } catch (Failure e) {
            throw source.error(statement.at(), e);
        } finally {
            budget.leave();
        }
    }

    private Flow print(String text) {
        out.append(text);
        return Flow.NEXT;
    }

    private Flow choose(Statement.If choice, Scope scope) {
        for (Statement.Branch branch : choice.branches()) {
            if (Values.truth(evaluate(branch.test(), scope))) {
                return run(branch.body(), scope);
            }
        }
        return run(choice.otherwise(), scope);
    }

    private Flow loop(Statement.For loop, Object elements, Scope scope, int depth) {
        Predicate<Object> accepts = element -> {
            if (loop.filter().isEmpty()) {
                return true;
            }
            Scope filterScope = scope.inner();
            assign(loop.target(), element, filterScope);
            return Values.truth(evaluate(loop.filter().get(), filterScope));
        };
        Optional<LoopState.Recursion> recursion = loop.recursive()
                ? Optional.of((inner, innerDepth) -> captured(() -> loop(loop, inner, scope, innerDepth)))
                : Optional.empty();
        LoopState state = new LoopState(new LoopItems(Values.elements(elements, budget), accepts), depth, recursion);
        if (!state.hasNext()) {
            return run(loop.otherwise(), scope.inner());
        }
        while (state.hasNext()) {
            budget.steps(1);
            Scope turn = scope.inner();
            assign(loop.target(), state.next(), turn);
            turn.set("loop", state);
            if (run(loop.body(), turn) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private Flow assign(Target target, Object value, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.NamespaceAttribute attribute -> {
                setAttribute(scope.get(attribute.namespace()), attribute, value);
            }
            case Target.Several several -> unpack(several.targets(), value, scope);
        }
        return Flow.NEXT;
    }

    /** Jinja allows this for namespaces only; templates written for llama.cpp also set the fields of messages. */
    private static void setAttribute(Object owner, Target.NamespaceAttribute target, Object value) {
        switch (owner) {
            case Namespace namespace -> namespace.set(target.attribute(), value);
            case Map<?, ?> map -> Values.dict(map).put(target.attribute(), value);
            default -> throw new Failure("'" + target.namespace() + "' is no namespace, so its attribute '"
                    + target.attribute() + "' cannot be set");
        }
    }

    private void unpack(List<Target> targets, Object value, Scope scope) {
        List<Object> elements = Values.elements(value, budget);
        if (elements.size() != targets.size()) {
            throw new Failure(
                    "cannot unpack " + elements.size() + " values into " + targets.size() + " names");
        }
        for (int i = 0; i < targets.size(); i++) {
            assign(targets.get(i), elements.get(i), scope);
        }
    }

    private Flow setBlock(Statement.SetBlock set, Scope scope) {
        String text = capture(set.body(), scope.inner());
        return assign(set.target(), filtered(text, set.filters(), scope), scope);
    }

    private Object filtered(Object text, List<Expression.FilterStep> filters, Scope scope) {
        Object value = text;
        for (Expression.FilterStep filter : filters) {
            value = evaluator.filter(value, filter, scope);
        }
        return value;
    }

    private Flow define(Statement.Signature signature, Scope scope) {
        scope.set(signature.name(), new Macro(signature, scope));
        return Flow.NEXT;
    }

    private Flow callBlock(Statement.CallBlock block, Scope scope) {
        Arguments given = evaluator.arguments(block.call().arguments(), scope);
        Map<String, Object> named = new LinkedHashMap<>(given.named());
        named.put("caller", new Macro(block.caller(), scope));
        Object callee = evaluate(block.call().callee(), scope);
        return print(format.str(evaluator.call(callee, new Arguments(given.positional(), named))));
    }

    private Flow scoped(Statement.Scoped block, Scope scope) {
        List<Object> values = new ArrayList<>();
        block.bindings().forEach(binding -> values.add(evaluate(binding.value(), scope)));
        Scope inner = scope.inner();
        for (int i = 0; i < values.size(); i++) {
            assign(block.bindings().get(i).target(), values.get(i), inner);
        }
        return run(block.body(), inner);
    }
}
