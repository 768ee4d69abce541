package dev.pillion.kernels.ptx;

import java.util.List;

/** Walks over tokens. */
final class PtxCursor {
    private final List<PtxToken> tokens;
    private int at;

    PtxCursor(List<PtxToken> tokens) {
        this.tokens = tokens;
    }

    PtxToken peek() {
        return tokens.get(at);
    }

    PtxToken peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    PtxToken next() {
        PtxToken token = tokens.get(at);
        if (token.kind() != PtxToken.Kind.END) {
            at++;
        }
        return token;
    }

    boolean atEnd() {
        return peek().kind() == PtxToken.Kind.END;
    }

    boolean accept(String text) {
        if (peek().is(text)) {
            at++;
            return true;
        }
        return false;
    }

    PtxToken expect(String text) {
        PtxToken token = next();
        if (!token.is(text)) {
            throw new PtxException(token.line(), "'" + text + "' expected, found '" + token.text() + "'");
        }
        return token;
    }

    String word() {
        PtxToken token = next();
        if (token.kind() != PtxToken.Kind.WORD) {
            throw new PtxException(token.line(), "name expected, found '" + token.text() + "'");
        }
        return token.text();
    }

    int integer() {
        long value = literal().bits();
        if (value != (int) value) {
            throw new PtxException(peek().line(), "number too large: " + value);
        }
        return (int) value;
    }

    /** A literal with its sign. */
    PtxOperand.Literal literal() {
        boolean negative = accept("-");
        PtxToken token = next();
        if (token.kind() != PtxToken.Kind.NUMBER) {
            throw new PtxException(token.line(), "number expected, found '" + token.text() + "'");
        }
        PtxOperand.Literal value = number(token);
        if (!negative) {
            return value;
        }
        if (value.bytes() != 0) {
            long sign = value.bytes() == 4 ? 0x8000_0000L : Long.MIN_VALUE;
            return new PtxOperand.Literal(value.bits() ^ sign, value.bytes());
        }
        return new PtxOperand.Literal(-value.bits(), 0);
    }

    private static PtxOperand.Literal number(PtxToken token) {
        String text = token.text();
        try {
            if (text.startsWith("0f") || text.startsWith("0F")) {
                return new PtxOperand.Literal(Long.parseLong(text, 2, text.length(), 16), 4);
            }
            if (text.startsWith("0d") || text.startsWith("0D")) {
                return new PtxOperand.Literal(Long.parseUnsignedLong(text, 2, text.length(), 16), 8);
            }
            if (text.indexOf('.') >= 0) {
                return new PtxOperand.Literal(Double.doubleToRawLongBits(Double.parseDouble(text)), 8);
            }
            String digits = text.endsWith("U") ? text.substring(0, text.length() - 1) : text;
            if (digits.startsWith("0x") || digits.startsWith("0X")) {
                return new PtxOperand.Literal(Long.parseUnsignedLong(digits, 2, digits.length(), 16), 0);
            }
            if (digits.startsWith("0b") || digits.startsWith("0B")) {
                return new PtxOperand.Literal(Long.parseUnsignedLong(digits, 2, digits.length(), 2), 0);
            }
            int radix = digits.length() > 1 && digits.charAt(0) == '0' ? 8 : 10;
            return new PtxOperand.Literal(Long.parseUnsignedLong(digits, radix), 0);
        } catch (NumberFormatException e) {
            throw new PtxException(token.line(), "bad number '" + text + "'");
        }
    }

    /** Skips what is left of the line that the token is on. */
    void skipLine(int line) {
        while (!atEnd() && peek().line() == line) {
            at++;
        }
    }

    /** Skips up to and including a mark. */
    void skipPast(String mark) {
        while (!atEnd() && !next().is(mark)) {
            // goes on
        }
    }

    /** Skips a pair of braces and what is between them. */
    void skipBraces() {
        expect("{");
        for (int depth = 1; depth > 0 && !atEnd();) {
            PtxToken token = next();
            depth += token.is("{") ? 1 : token.is("}") ? -1 : 0;
        }
    }
}
