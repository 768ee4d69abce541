package dev.pillion.model.tokenizer;

import java.util.List;
import java.util.OptionalInt;

/**
 * Turns text into token ids and back.
 *
 * <p>Instances are immutable and may be used by any number of threads. Made by {@link Tokenizers}.
 */
public final class Tokenizer {
    private static final char REPLACEMENT = '\uFFFD';

    private final Vocabulary vocabulary;
    private final SpecialTokens special;
    private final Stages stages;
    private final AddedTokens allAdded;
    private final AddedTokens ordinaryAdded;
    private final AddedTokens allNormalized;
    private final AddedTokens ordinaryNormalized;
    private final Shield shield;

    /**
     * The steps a text goes through.
     *
     * @param added tokens found in the text as it is written
     * @param normalizer rewrites the text between them
     * @param normalizedAdded tokens found in the rewritten text
     * @param preTokenizer cuts the text into pieces
     * @param model merges pieces into tokens
     * @param before tokens that the model wants before a text
     * @param after tokens that the model wants after a text
     * @param dropsFirstSpace whether the space that begins a decoded text is an addition of the encoder
     */
    record Stages(
            List<AddedToken> added,
            Normalizer normalizer,
            List<AddedToken> normalizedAdded,
            PreTokenizer preTokenizer,
            BytePairModel model,
            int[] before,
            int[] after,
            boolean dropsFirstSpace) {}

    Tokenizer(Vocabulary vocabulary, SpecialTokens special, Stages stages) {
        this.vocabulary = vocabulary;
        this.special = special;
        this.stages = stages;
        this.allAdded = new AddedTokens(stages.added);
        this.ordinaryAdded = AddedTokens.withoutSpecial(stages.added);
        this.allNormalized = new AddedTokens(stages.normalizedAdded);
        this.ordinaryNormalized = AddedTokens.withoutSpecial(stages.normalizedAdded);
        this.shield = new Shield(stages.added, stages.normalizedAdded);
    }

    /**
     * The tokens of a text. An unpaired surrogate counts as U+FFFD.
     *
     * @param text any text
     * @param options what to do about special tokens
     */
    public int[] encode(String text, EncodeOptions options) {
        return encode(text, options, "");
    }

    /**
     * The tokens of a text with parts that went through {@link #shield}.
     *
     * @param text any text
     * @param options what to do about special tokens
     * @param mark the mark of the shield: no special token is found across it, and it is no part of the text otherwise
     */
    public int[] encode(String text, EncodeOptions options, char mark) {
        return encode(text, options, String.valueOf(mark));
    }

    /**
     * Prepares text that somebody wrote for a place in a larger text that is encoded with special tokens: puts a mark
     * wherever one would be found in it, or could be completed by its surroundings.
     *
     * @param text any text
     * @param mark a character that is not in it
     * @return the text with marks for {@link #encode(String, EncodeOptions, char)}; the same text if it needs none
     */
    public String shield(String text, char mark) {
        return shield.apply(text, mark);
    }

    private int[] encode(String text, EncodeOptions options, String mark) {
        IntList ids = new IntList(text.length() / 3 + 16);
        if (options.addSpecial()) {
            ids.addAll(stages.before);
        }
        encodeText(wellFormed(text), options.parseSpecial(), mark, ids);
        if (options.addSpecial()) {
            ids.addAll(stages.after);
        }
        return ids.toArray();
    }

    /** The text of tokens without control tokens, taken as a text from its beginning. */
    public String decode(int[] ids) {
        return decode(ids, SpecialText.OMIT);
    }

    /**
     * The text of tokens, taken as a text from its beginning. Bytes that are not UTF-8 become U+FFFD.
     *
     * @param ids tokens; those beyond the vocabulary, which padded models have, are empty
     * @param specialText what control tokens become
     */
    public String decode(int[] ids, SpecialText specialText) {
        Detokenizer detokenizer = Detokenizer.fromStart(this, specialText);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(detokenizer.append(id));
        }
        return text.append(detokenizer.flush()).toString();
    }

    /** How many tokens there are. A model's output may be wider (padded). */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /**
     * The text of a token as the file has it: with U+0120 for a space in byte-level vocabularies, with U+2581 in
     * SentencePiece's, bytes as {@code <0x0A>}.
     */
    public String pieceOf(int id) {
        return vocabulary.piece(id);
    }

    /** The bytes a token stands for; a control token stands for its name. They need not be whole characters. */
    public byte[] bytesOf(int id) {
        return vocabulary.bytes(id);
    }

    /** The token with this text as the file has it. */
    public OptionalInt idOf(String piece) {
        int id = vocabulary.idOf(piece);
        return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token is markup and not text: a control token or the unknown token. */
    public boolean isSpecial(int id) {
        TokenKind kind = vocabulary.kind(id);
        return kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN;
    }

    /**
     * Whether the model has nothing more to say after this token. Ids beyond the vocabulary (padding) are not such
     * tokens.
     */
    public boolean isEndOfGeneration(int id) {
        return id >= 0 && special.endOfGeneration().get(id);
    }

    /** All tokens for which {@link #isEndOfGeneration} holds, ascending. */
    public int[] endOfGenerationIds() {
        return special.endOfGeneration().stream().toArray();
    }

    /** The token that begins a text. */
    public OptionalInt beginningOfText() {
        return special.beginning();
    }

    /** The token that ends a text. */
    public OptionalInt endOfText() {
        return special.end();
    }

    /** The token that ends a turn of a conversation. */
    public OptionalInt endOfTurn() {
        return special.endOfTurn();
    }

    /** The token for what the vocabulary cannot express. */
    public OptionalInt unknown() {
        return special.unknown();
    }

    /** The token that fills up. */
    public OptionalInt padding() {
        return special.padding();
    }

    /** Whether {@link EncodeOptions#addSpecial} puts the beginning-of-text token before a text. */
    public boolean addsBeginningOfText() {
        return special.beginning().isPresent() && contains(stages.before, special.beginning().getAsInt());
    }

    /** Whether {@link EncodeOptions#addSpecial} puts the end-of-text token after a text. */
    public boolean addsEndOfText() {
        return special.end().isPresent() && contains(stages.after, special.end().getAsInt());
    }

    /** Whether the space that begins a decoded text is an addition of the encoder. */
    boolean dropsFirstSpace() {
        return stages.dropsFirstSpace;
    }

    private void encodeText(String text, boolean parseSpecial, String mark, IntList ids) {
        Merger merger = new Merger(stages.model.table());
        AddedTokens added = parseSpecial ? allAdded : ordinaryAdded;
        added.split(text, new AddedTokens.Receiver() {
            @Override
            public void text(int start, int end) {
                String normalized = stages.normalizer.apply(text.substring(start, end));
                encodeNormalized(normalized, start == 0, parseSpecial, mark, merger, ids);
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        });
    }

    private void encodeNormalized(
            String text, boolean atInputStart, boolean parseSpecial, String mark, Merger merger, IntList ids) {
        AddedTokens added = parseSpecial ? allNormalized : ordinaryNormalized;
        added.split(text, new AddedTokens.Receiver() {
            @Override
            public void text(int start, int end) {
                String part = text.substring(start, end);
                String unmarked = mark.isEmpty() ? part : part.replace(mark, "");
                Pieces whole = Pieces.whole(unmarked, atInputStart && start == 0);
                stages.model.encode(stages.preTokenizer.apply(whole), merger, ids);
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        });
    }

    private static boolean contains(int[] ids, int id) {
        for (int candidate : ids) {
            if (candidate == id) {
                return true;
            }
        }
        return false;
    }

    /**
     * The text with every unpaired surrogate replaced, so that what follows meets only code points that UTF-8 can
     * express.
     */
    private static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) {
                continue;
            }
            if (Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            repaired = repaired == null ? new StringBuilder(text) : repaired;
            repaired.setCharAt(i, REPLACEMENT);
        }
        return repaired == null ? text : repaired.toString();
    }
}
