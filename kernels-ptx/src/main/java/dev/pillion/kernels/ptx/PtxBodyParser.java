package dev.pillion.kernels.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the body of a function. */
final class PtxBodyParser {
    private final String text;
    private final PtxCursor cursor;
    private final PtxDeclarations declarations;
    final List<PtxRegister> registers = new ArrayList<>();
    final List<PtxVariable> variables = new ArrayList<>();
    final List<PtxInstruction> instructions = new ArrayList<>();
    final Map<String, Integer> labels = new HashMap<>();
    final Map<String, List<String>> branchTargets = new HashMap<>();
    private PtxScope scope = new PtxScope(null);

    PtxBodyParser(String text, PtxCursor cursor) {
        this.text = text;
        this.cursor = cursor;
        declarations = new PtxDeclarations(cursor);
    }

    /** Reads from the opening to the closing brace. */
    void read() {
        cursor.expect("{");
        int depth = 1;
        while (depth > 0) {
            PtxToken token = cursor.peek();
            if (cursor.accept("{")) {
                scope = new PtxScope(scope);
                depth++;
            } else if (cursor.accept("}")) {
                scope = scope.outer == null ? scope : scope.outer;
                depth--;
            } else if (token.kind() == PtxToken.Kind.END) {
                throw new PtxException(token.line(), "unclosed function body");
            } else if (!cursor.accept(";")) {
                statement(token);
            }
        }
    }

    private void statement(PtxToken token) {
        if (token.kind() == PtxToken.Kind.WORD && token.text().startsWith(".")) {
            directive(token);
        } else if (token.kind() == PtxToken.Kind.WORD && cursor.peek(1).is(":")) {
            label();
        } else {
            instruction(token);
        }
    }

    private void label() {
        PtxToken name = cursor.next();
        cursor.expect(":");
        if (cursor.peek().is(".branchtargets")) {
            branchTargets.put(name.text(), targets());
        } else if (cursor.peek().is(".callprototype")) {
            throw new PtxException(name.line(), "indirect calls are not supported: " + name.text());
        } else if (labels.put(name.text(), instructions.size()) != null) {
            throw new PtxException(name.line(), "label declared twice: " + name.text());
        }
    }

    private List<String> targets() {
        cursor.next();
        List<String> targets = new ArrayList<>();
        do {
            targets.add(cursor.word());
        } while (cursor.accept(","));
        cursor.expect(";");
        return targets;
    }

    private void directive(PtxToken token) {
        switch (token.text()) {
            case ".reg" -> registers();
            case ".loc" -> cursor.skipLine(token.line());
            case ".pragma" -> cursor.skipPast(";");
            default -> {
                if (!PtxDeclarations.isSpace(token.text())) {
                    throw new PtxException(token.line(), "unknown directive " + token.text());
                }
                variable();
            }
        }
    }

    private void variable() {
        PtxVariable read = declarations.variable();
        cursor.expect(";");
        String unique = read.name();
        while (declared(unique)) {
            unique += "'";
        }
        scope.declare(read.name(), unique);
        variables.add(new PtxVariable(read.space(), unique, read.type(), read.alignment(), read.bytes(),
                read.initial(), read.line()));
    }

    private boolean declared(String name) {
        return variables.stream().anyMatch(v -> v.name().equals(name));
    }

    private void registers() {
        int line = cursor.next().line();
        String typeName = cursor.word();
        PtxType type = PtxType.named(typeName.substring(1))
                .orElseThrow(() -> new PtxException(line, "unknown type " + typeName));
        do {
            String name = cursor.word();
            if (cursor.accept("<")) {
                int count = cursor.integer();
                cursor.expect(">");
                for (int i = 0; i < count; i++) {
                    declare(name + i, type);
                }
            } else {
                declare(name, type);
            }
        } while (cursor.accept(","));
        cursor.expect(";");
    }

    private void declare(String name, PtxType type) {
        PtxRegister register = new PtxRegister(registers.size(), name, type);
        registers.add(register);
        scope.declare(register);
    }

    private void instruction(PtxToken first) {
        Optional<PtxRegister> guard = Optional.empty();
        boolean negated = false;
        if (cursor.accept("@")) {
            negated = cursor.accept("!");
            PtxToken name = cursor.next();
            PtxRegister register = scope.register(name.text());
            if (register == null) {
                throw new PtxException(name.line(), "unknown predicate " + name.text());
            }
            guard = Optional.of(register);
        }
        String[] parts = cursor.word().split("\\.");
        List<PtxOperand> operands = new ArrayList<>();
        if (!cursor.peek().is(";")) {
            if (parts[0].equals("call")) {
                call(operands);
            } else {
                operands(operands, ";");
            }
        }
        PtxToken end = cursor.expect(";");
        String written = text.substring(first.start(), end.start()).strip().replaceAll("\\s+", " ");
        instructions.add(new PtxInstruction(first.line(), written, guard, negated, parts[0],
                List.copyOf(Arrays.asList(parts).subList(1, parts.length)), List.copyOf(operands)));
    }

    /** A call's operands are always three: results, name, arguments. */
    private void call(List<PtxOperand> operands) {
        PtxOperand results = new PtxOperand.Group(List.of());
        if (cursor.peek().is("(")) {
            results = list();
            cursor.expect(",");
        }
        operands.add(results);
        operands.add(operand());
        operands.add(cursor.accept(",") ? list() : new PtxOperand.Group(List.of()));
        if (cursor.peek().is(",")) {
            throw new PtxException(cursor.peek().line(), "indirect calls are not supported");
        }
    }

    private PtxOperand list() {
        cursor.expect("(");
        List<PtxOperand> elements = new ArrayList<>();
        if (!cursor.peek().is(")")) {
            operands(elements, ")");
        }
        cursor.expect(")");
        return new PtxOperand.Group(List.copyOf(elements));
    }

    private void operands(List<PtxOperand> operands, String end) {
        do {
            operands.add(operand());
        } while (cursor.accept(","));
        if (!cursor.peek().is(end)) {
            throw new PtxException(cursor.peek().line(), "unexpected '" + cursor.peek().text() + "'");
        }
    }

    private PtxOperand operand() {
        PtxOperand first = simpleOperand();
        if (cursor.accept("|")) {
            return new PtxOperand.Pair(first, simpleOperand());
        }
        return first;
    }

    private PtxOperand simpleOperand() {
        if (cursor.accept("!")) {
            return new PtxOperand.Not(simpleOperand());
        }
        if (cursor.accept("{")) {
            List<PtxOperand> elements = new ArrayList<>();
            operands(elements, "}");
            cursor.expect("}");
            return new PtxOperand.Group(List.copyOf(elements));
        }
        if (cursor.accept("[")) {
            PtxOperand base = simpleOperand();
            PtxOperand.Address address = new PtxOperand.Address(base, offset());
            cursor.expect("]");
            return address;
        }
        PtxToken token = cursor.peek();
        if (token.kind() == PtxToken.Kind.NUMBER || token.is("-")) {
            return cursor.literal();
        }
        return named(cursor.word());
    }

    private long offset() {
        long offset = 0;
        while (!cursor.peek().is("]")) {
            if (!cursor.accept("+") && !cursor.peek().is("-")) {
                throw new PtxException(cursor.peek().line(), "unexpected '" + cursor.peek().text() + "' in an address");
            }
            offset += cursor.literal().bits();
        }
        return offset;
    }

    private PtxOperand named(String name) {
        if (name.equals("_")) {
            return new PtxOperand.Sink();
        }
        if (name.equals("WARP_SZ")) {
            return new PtxOperand.Literal(32, 0);
        }
        PtxRegister register = scope.register(name);
        if (register != null) {
            return new PtxOperand.Register(register);
        }
        return name.startsWith("%") ? new PtxOperand.Special(name) : new PtxOperand.Symbol(scope.variable(name));
    }
}
