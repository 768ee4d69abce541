package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds added tokens in text: from left to right, at each position the longest one. A trie over the tokens' characters
 * is walked only from characters that begin a token.
 */
final class AddedTokens {
    /** Receives the parts of a text in order. */
    interface Receiver {
        /** Text between tokens, not empty. */
        void text(int start, int end);

        /** A token. */
        void token(int id);
    }

    private final Node root = new Node();
    private final BitSet firstCharacters = new BitSet();

    AddedTokens(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            if (token.content().isEmpty()) {
                continue;
            }
            firstCharacters.set(token.content().charAt(0));
            Node node = root;
            for (int i = 0; i < token.content().length(); i++) {
                node = node.children.computeIfAbsent(token.content().charAt(i), character -> new Node());
            }
            node.token = token;
        }
    }

    /** The tokens that are looked for in ordinary text: those that are not markup. */
    static AddedTokens withoutSpecial(List<AddedToken> tokens) {
        List<AddedToken> ordinary = new ArrayList<>(tokens);
        ordinary.removeIf(AddedToken::special);
        return new AddedTokens(ordinary);
    }

    /** Cuts a text at the tokens. */
    void split(String text, Receiver receiver) {
        int done = 0;
        int at = 0;
        while (at < text.length()) {
            AddedToken token = firstCharacters.get(text.charAt(at)) ? longestAt(text, at) : null;
            if (token == null) {
                at++;
                continue;
            }
            int end = at + token.content().length();
            if (token.singleWord() && touchesWord(text, at, end)) {
                at = end;
                continue;
            }
            int start = token.leftStrip() ? Math.max(done, spaceBefore(text, at)) : at;
            if (done < start) {
                receiver.text(done, start);
            }
            receiver.token(token.id());
            done = token.rightStrip() ? CharacterClass.skip(text, end, text.length(), CharacterClass.SPACE) : end;
            at = done;
        }
        if (done < text.length()) {
            receiver.text(done, text.length());
        }
    }

    private @Nullable AddedToken longestAt(String text, int at) {
        AddedToken longest = null;
        Node node = root;
        for (int i = at; i < text.length(); i++) {
            node = node.children.get(text.charAt(i));
            if (node == null) {
                break;
            }
            if (node.token != null) {
                longest = node.token;
            }
        }
        return longest;
    }

    private static int spaceBefore(String text, int at) {
        int start = at;
        while (start > 0 && CharacterClass.is(text.charAt(start - 1), CharacterClass.SPACE)) {
            start--;
        }
        return start;
    }

    private static boolean touchesWord(String text, int start, int end) {
        return start > 0 && WordCharacters.contains(text.codePointBefore(start))
                || end < text.length() && WordCharacters.contains(text.codePointAt(end));
    }

    private static final class Node {
        private final Map<Character, Node> children = new HashMap<>(2);
        private @Nullable AddedToken token;
    }
}
