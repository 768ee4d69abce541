package dev.pillion.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/** Cuts PTX text into tokens and drops comments. */
final class PtxLexer {
    private final String text;
    private int at;
    private int line = 1;

    PtxLexer(String text) {
        this.text = text;
    }

    List<PtxToken> tokens() {
        List<PtxToken> tokens = new ArrayList<>();
        while (true) {
            skipBlanks();
            if (at >= text.length()) {
                tokens.add(new PtxToken(PtxToken.Kind.END, "end of text", line, at));
                return tokens;
            }
            tokens.add(next());
        }
    }

    private PtxToken next() {
        int start = at;
        char c = text.charAt(at);
        if (c == '"') {
            int end = text.indexOf('"', at + 1);
            if (end < 0) {
                throw new PtxException(line, "unclosed string");
            }
            at = end + 1;
            return new PtxToken(PtxToken.Kind.STRING, text.substring(start + 1, end), line, start);
        }
        if (Character.isDigit(c)) {
            at++;
            while (at < text.length() && Character.isLetterOrDigit(text.charAt(at)) || decimalPoint()) {
                at++;
            }
            return new PtxToken(PtxToken.Kind.NUMBER, text.substring(start, at), line, start);
        }
        if (startsWord(c)) {
            at++;
            while (at < text.length() && continuesWord()) {
                at += text.charAt(at) == ':' ? 2 : 1;
            }
            return new PtxToken(PtxToken.Kind.WORD, text.substring(start, at), line, start);
        }
        at++;
        return new PtxToken(PtxToken.Kind.MARK, String.valueOf(c), line, start);
    }

    private boolean decimalPoint() {
        return at + 1 < text.length() && text.charAt(at) == '.' && Character.isDigit(text.charAt(at + 1));
    }

    private static boolean startsWord(char c) {
        return Character.isLetter(c) || c == '_' || c == '$' || c == '%' || c == '.';
    }

    private boolean continuesWord() {
        char c = text.charAt(at);
        // A double colon joins parts of an opcode, as in L2::128B; a single one ends a label.
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '.'
                || c == ':' && at + 1 < text.length() && text.charAt(at + 1) == ':';
    }

    private void skipBlanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                line++;
                at++;
            } else if (c <= ' ') {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipComment() {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
            throw new PtxException(line, "unclosed comment");
        }
        for (; at < end + 2; at++) {
            if (text.charAt(at) == '\n') {
                line++;
            }
        }
    }
}
