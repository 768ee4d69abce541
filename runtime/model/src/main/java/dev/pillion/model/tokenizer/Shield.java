package dev.pillion.model.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what somebody wrote from being read as special tokens once it is part of a larger text: puts a mark wherever
 * such a token would otherwise be found in it, or could be completed by what comes before or after.
 */
final class Shield {
    private final List<String> specials = new ArrayList<>();
    private final Map<Character, List<String>> byFirst = new HashMap<>();

    Shield(List<AddedToken> added, List<AddedToken> normalizedAdded) {
        List<AddedToken> all = new ArrayList<>(added);
        all.addAll(normalizedAdded);
        for (AddedToken token : all) {
            // Nothing can be put within a single character.
            if (token.special() && token.content().length() > 1) {
                specials.add(token.content());
                byFirst.computeIfAbsent(token.content().charAt(0), first -> new ArrayList<>()).add(token.content());
            }
        }
    }

    /** The text with marks; the same text if it needs none. */
    String apply(String text, char mark) {
        BitSet marks = within(text);
        atEdges(text, marks);
        if (marks.isEmpty()) {
            return text;
        }
        StringBuilder marked = new StringBuilder(text.length() + marks.cardinality());
        for (int i = 0; i <= text.length(); i++) {
            if (marks.get(i)) {
                marked.append(mark);
            }
            if (i < text.length()) {
                marked.append(text.charAt(i));
            }
        }
        return marked.toString();
    }

    private BitSet within(String text) {
        BitSet marks = new BitSet();
        for (int i = 0; i < text.length(); i++) {
            for (String special : byFirst.getOrDefault(text.charAt(i), List.of())) {
                if (text.startsWith(special, i)) {
                    marks.set(i + 1);
                }
            }
        }
        return marks;
    }

    /** Templates trim what they are given, so the marks go inside the white space around a text. */
    private void atEdges(String text, BitSet marks) {
        int first = 0;
        int end = text.length();
        while (first < end && Character.isWhitespace(text.charAt(first))) {
            first++;
        }
        while (end > first && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        for (String special : specials) {
            for (int cut = 1; cut < special.length() && first < end; cut++) {
                int ahead = Math.min(special.length() - cut, end - first);
                if (text.regionMatches(first, special, cut, ahead)) {
                    marks.set(first);
                }
                if (cut <= end - first && text.regionMatches(end - cut, special, 0, cut)) {
                    marks.set(end);
                }
            }
        }
    }
}
