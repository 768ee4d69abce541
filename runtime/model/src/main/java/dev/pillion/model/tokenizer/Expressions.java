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
 * <p>An expression that is not here is refused. Handing it to {@link java.util.regex} would mean stack overflows on
 * long words, time without bound on chosen text, and the differences between two engines' idea of the same expression.
 */
final class Expressions {
    /** {@code \p{N}{1,3}}. */
    static final String UP_TO_THREE_NUMBERS = "\\p{N}{1,3}";

    /** {@code \p{N}}. */
    static final String ONE_NUMBER = "\\p{N}";

    /** Contractions in any case. */
    static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    private static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String PREFIX = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String OTHERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String HEAD = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String TAIL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    /** The expression of Qwen 3.5. */
    static final String MARKS_IN_WORDS = CONTRACTIONS + "|" + PREFIX + "[\\p{L}\\p{M}]+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*" + SPACES;

    private static final Map<String, Scanner> SCANNERS = new HashMap<>();

    static {
        put(Gpt2Scanner.EXPRESSION, new Gpt2Scanner());
        put("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)", new Gpt2Scanner());
        putCl100k(UP_TO_THREE_NUMBERS, 3);
        putCl100k(ONE_NUMBER, 1);
        put(MARKS_IN_WORDS, new Cl100kScanner(1, true));
        put(o200k(CONTRACTIONS + "?", UP_TO_THREE_NUMBERS), new O200kScanner(3, true));
        put(o200k("", ONE_NUMBER), new O200kScanner(1, false));
        put(DeepSeekV3Scanner.EXPRESSION, new DeepSeekV3Scanner());
        put(UP_TO_THREE_NUMBERS, new RunScanner(false, RunScanner.of(NUMBER), 1, 3));
        put("\\p{N}+", RunScanner.many(RunScanner.of(NUMBER)));
        put(ONE_NUMBER, RunScanner.one(RunScanner.of(NUMBER)));
        put("[0-9][0-9][0-9]", threeDigits());
        put("[\r\n]", RunScanner.one(CharacterClass::isLineEnd));
        put("[\\r\\n]", RunScanner.one(CharacterClass::isLineEnd));
        put("\\s?\\p{L}+", RunScanner.manyAfterSpace(RunScanner.of(LETTER)));
        put("\\s?\\p{P}+", RunScanner.manyAfterSpace(RunScanner.of(PUNCTUATION)));
        put("\\s?[" + DeepSeekClasses.CASED_LETTERS + "]+",
                RunScanner.manyAfterSpace(DeepSeekClasses.of(DeepSeekClasses.CASED_LETTERS)));
        put("\\s?[" + DeepSeekClasses.SIGNS + "]+",
                RunScanner.manyAfterSpace(DeepSeekClasses.of(DeepSeekClasses.SIGNS)));
        put("\\s+$", Expressions::spacesAtEnd);
        put("[" + DeepSeekClasses.EAST_ASIAN + "]+", RunScanner.many(DeepSeekClasses.of(DeepSeekClasses.EAST_ASIAN)));
        put("[" + DeepSeekClasses.HAN_AND_KANA + "]+",
                RunScanner.many(DeepSeekClasses.of(DeepSeekClasses.HAN_AND_KANA)));
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

    /** All known expressions. */
    static Map<String, Scanner> all() {
        return Map.copyOf(SCANNERS);
    }

    private static void put(String expression, Scanner scanner) {
        SCANNERS.put(expression, scanner);
    }

    /** The expression of the cl100k family with its part for numbers. */
    static String cl100k(String numbers) {
        return cl100k(CONTRACTIONS, numbers);
    }

    /** The expression of the o200k family with its parts for contractions and numbers. */
    static String o200k(String contractions, String numbers) {
        return PREFIX + HEAD + "*" + TAIL + "+" + contractions
                + "|" + PREFIX + HEAD + "+" + TAIL + "*" + contractions
                + "|" + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
    }

    private static String cl100k(String contractions, String numbers) {
        return contractions + "|" + PREFIX + "\\p{L}+|" + numbers + OTHERS + SPACES;
    }

    /** The ways in which files write the same expression. */
    private static void putCl100k(String numbers, int digits) {
        Scanner scanner = new Cl100kScanner(digits, false);
        put(cl100k(CONTRACTIONS, numbers), scanner);
        put(cl100k("'(?i:[sdmt]|ll|ve|re)", numbers), scanner);
        put(cl100k("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", numbers), scanner);
        put("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|" + numbers
                + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+", scanner);
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
