package dev.pillion.model.tokenizer;

import static dev.pillion.model.tokenizer.CharacterClass.LETTER;
import static dev.pillion.model.tokenizer.CharacterClass.NUMBER;
import static dev.pillion.model.tokenizer.CharacterClass.PUNCTUATION;
import static dev.pillion.model.tokenizer.CharacterClass.SPACE;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * The scanners by the regular expression they stand for, as the tokenizer.json files of known models write it.
 *
 * <p>An expression that is not here is refused. Handing it to {@link java.util.regex} would mean stack overflows on long words,
 * time without bound on chosen text, and the differences between two engines' idea of the same expression.
 */
final class Expressions {
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String CONTRACTIONS_BY_LENGTH = "'(?i:[sdmt]|ll|ve|re)";
    private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String OTHERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String HEAD = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String TAIL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    private static final Map<String, Scanner> SCANNERS = new HashMap<>();

    static {
        put(Gpt2Scanner.EXPRESSION, new Gpt2Scanner());
        put("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)", new Gpt2Scanner());
        putCl100k("\\p{N}{1,3}", 3);
        putCl100k("\\p{N}", 1);
        put(CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*" + SPACES,
                new Cl100kScanner(1, true));
        putO200k("\\p{N}{1,3}", 3, CONTRACTIONS + "?");
        putO200k("\\p{N}", 1, "");
        put(DeepSeekV3Scanner.EXPRESSION, new DeepSeekV3Scanner());
        put("\\p{N}{1,3}", new RunScanner(false, RunScanner.of(NUMBER), 1, 3));
        put("\\p{N}+", RunScanner.many(RunScanner.of(NUMBER)));
        put("\\p{N}", RunScanner.one(RunScanner.of(NUMBER)));
        put("[0-9][0-9][0-9]", threeDigits());
        put("[\r\n]", RunScanner.one(CharacterClass::isLineEnd));
        put("[\\r\\n]", RunScanner.one(CharacterClass::isLineEnd));
        put("\\s?\\p{L}+", RunScanner.manyAfterSpace(RunScanner.of(LETTER)));
        put("\\s?\\p{P}+", RunScanner.manyAfterSpace(RunScanner.of(PUNCTUATION)));
        put("\\s?[" + DeepSeekClasses.CASED_LETTERS + "]+",
                RunScanner.manyAfterSpace(DeepSeekClasses.of(DeepSeekClasses.CASED_LETTERS)));
        put("\\s?[" + DeepSeekClasses.SIGNS + "]+", RunScanner.manyAfterSpace(DeepSeekClasses.of(DeepSeekClasses.SIGNS)));
        put("\\s+$", Expressions::spacesAtEnd);
        put("[" + DeepSeekClasses.EAST_ASIAN + "]+", RunScanner.many(DeepSeekClasses.of(DeepSeekClasses.EAST_ASIAN)));
        put("[" + DeepSeekClasses.HAN_AND_KANA + "]+", RunScanner.many(DeepSeekClasses.of(DeepSeekClasses.HAN_AND_KANA)));
        put("\\s+", RunScanner.many(RunScanner.of(SPACE)));
        put("[\\p{P}\\$\\+<=>\\^~\\|]+", RunScanner.many(signs("$+<=>^~|")));
        put("[\\p{P}\\$\\+<=>\\^~\\|`]+", RunScanner.many(signs("$+<=>^~|`")));
    }

    private Expressions() {}

    /** The scanner for an expression, if it is known. */
    static Optional<Scanner> find(String expression) {
        return Optional.ofNullable(SCANNERS.get(expression));
    }

    /** The scanner for an expression that is one of those above. */
    static Scanner get(String expression) {
        return find(expression).orElseThrow(() -> new IllegalArgumentException("no scanner for " + expression));
    }

    /** How many expressions are known. */
    static Map<String, Scanner> all() {
        return Map.copyOf(SCANNERS);
    }

    private static void put(String expression, Scanner scanner) {
        SCANNERS.put(expression, scanner);
    }

    private static void putCl100k(String numbers, int digits) {
        Scanner scanner = new Cl100kScanner(digits, false);
        put(CONTRACTIONS + "|" + WORD + "|" + numbers + OTHERS + SPACES, scanner);
        put(CONTRACTIONS_BY_LENGTH + "|" + WORD + "|" + numbers + OTHERS + SPACES, scanner);
        put("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|" + WORD + "|" + numbers + OTHERS + SPACES, scanner);
        put(CONTRACTIONS_BY_LENGTH + "|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|" + numbers
                + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+", scanner);
    }

    private static void putO200k(String numbers, int digits, String contractions) {
        String prefix = "[^\\r\\n\\p{L}\\p{N}]?";
        put(prefix + HEAD + "*" + TAIL + "+" + contractions + "|" + prefix + HEAD + "+" + TAIL + "*" + contractions + "|"
                + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES,
                new O200kScanner(digits, !contractions.isEmpty()));
    }

    private static RunScanner threeDigits() {
        return new RunScanner(false, codePoint -> codePoint >= '0' && codePoint <= '9', 3, 3);
    }

    private static IntPredicate signs(String more) {
        return codePoint -> CharacterClass.is(codePoint, PUNCTUATION) || more.indexOf(codePoint) >= 0;
    }

    /** {@code \s+$}, looked for from the end: trying each position from the left would take quadratic time. */
    private static int spacesAtEnd(String text, int at, int end) {
        int start = end;
        while (start > at && CharacterClass.is(text.charAt(start - 1), SPACE)) {
            start--;
        }
        return start == at ? end : ~start;
    }
}
