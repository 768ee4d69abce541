package dev.pillion.kernels.ptx;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads PTX text (PTX ISA 7.0 to 9.0, "Syntax" and "Directives", as far as nvcc writes them). */
public final class PtxParser {
    private final String text;
    private final PtxCursor cursor;
    private final PtxDeclarations declarations;
    private final List<PtxVariable> variables = new ArrayList<>();
    private final List<PtxFunction> functions = new ArrayList<>();
    private String version = "";
    private String target = "";

    private PtxParser(String text) {
        this.text = text;
        cursor = new PtxCursor(new PtxLexer(text).tokens());
        declarations = new PtxDeclarations(cursor);
    }

    /**
     * Reads a module.
     *
     * @throws PtxException with the line, if the text is not understood
     */
    public static PtxModule parse(byte[] ptx) {
        int length = ptx.length;
        while (length > 0 && ptx[length - 1] == 0) {
            length--;
        }
        return new PtxParser(new String(ptx, 0, length, StandardCharsets.US_ASCII)).module();
    }

    private PtxModule module() {
        while (!cursor.atEnd()) {
            directive(cursor.peek());
        }
        if (version.isEmpty() || target.isEmpty()) {
            throw new PtxException(1, "no .version or .target: this is not PTX");
        }
        return new PtxModule(version, target, List.copyOf(variables), List.copyOf(functions));
    }

    private void directive(PtxToken token) {
        switch (token.text()) {
            case ".version" -> {
                cursor.next();
                version = cursor.next().text();
            }
            case ".target" -> {
                cursor.next();
                target = cursor.word();
                cursor.skipLine(token.line());
            }
            case ".address_size" -> {
                cursor.next();
                if (cursor.integer() != 64) {
                    throw new PtxException(token.line(), "only 64-bit addresses are supported");
                }
            }
            case ".file" -> cursor.skipLine(token.line());
            case ".section" -> {
                cursor.next();
                cursor.word();
                cursor.skipBraces();
            }
            case ".visible", ".extern", ".weak", ".common" -> cursor.next();
            case ".entry", ".func" -> function();
            default -> {
                if (!PtxDeclarations.isSpace(token.text())) {
                    throw new PtxException(token.line(), "unknown directive '" + token.text() + "'");
                }
                variables.add(declarations.variable());
                cursor.expect(";");
            }
        }
    }

    private void function() {
        PtxToken start = cursor.next();
        boolean entry = start.is(".entry");
        List<PtxVariable> results = cursor.peek().is("(") ? parameters() : List.of();
        String name = cursor.word();
        List<PtxVariable> parameters = cursor.peek().is("(") ? parameters() : List.of();
        int maxThreads = 0;
        while (!cursor.peek().is("{")) {
            PtxToken token = cursor.next();
            switch (token.text()) {
                case ";" -> {
                    return;
                }
                case ".maxntid", ".reqntid" -> maxThreads = product();
                case ".minnctapersm", ".maxnreg", ".maxnctapersm" -> cursor.integer();
                case ".noreturn" -> { }
                default -> throw new PtxException(token.line(), "unknown directive '" + token.text() + "'");
            }
        }
        PtxBodyParser body = new PtxBodyParser(text, cursor);
        body.read();
        functions.add(new PtxFunction(name, entry, results, parameters, List.copyOf(body.registers),
                List.copyOf(body.variables), List.copyOf(body.instructions), Map.copyOf(body.labels),
                Map.copyOf(body.branchTargets), maxThreads, start.line()));
    }

    private List<PtxVariable> parameters() {
        cursor.expect("(");
        List<PtxVariable> parameters = new ArrayList<>();
        while (!cursor.accept(")")) {
            parameters.add(declarations.variable());
            cursor.accept(",");
        }
        return List.copyOf(parameters);
    }

    private int product() {
        int product = 1;
        do {
            product *= cursor.integer();
        } while (cursor.accept(","));
        return product;
    }
}
