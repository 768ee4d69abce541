package dev.pillion.model.tokenizer;

import dev.pillion.model.Metadata;
import dev.pillion.model.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the tokenizer of a GGUF file: the keys {@code tokenizer.ggml.*}.
 *
 * <p>The model {@code llama} is SentencePiece's byte-pair encoding, which ranks tokens by score; {@code gpt2} is
 * byte-level with a list of merges and a named pre-tokenizer. Unicode normalization is not part of the format: text is
 * taken as it is, also for models (Qwen 2) whose tokenizer.json asks for NFC.
 */
final class GgufTokenizer {
    private static final System.Logger LOG = System.getLogger(GgufTokenizer.class.getName());
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TOKENS = PREFIX + "tokens";
    private static final String MERGES = PREFIX + "merges";
    private static final String SCORES = PREFIX + "scores";

    private final Metadata metadata;
    private final Path file;

    GgufTokenizer(Metadata metadata) {
        this.metadata = metadata;
        this.file = metadata.file();
    }

    Tokenizer read() {
        String model = metadata.string(PREFIX + "model").orElseThrow(() -> metadata.missing(PREFIX + "model"));
        return switch (model) {
            case "llama" -> sentencePiece();
            case "gpt2" -> byteLevel();
            default -> throw new ModelFormatException(file, "metadata key " + PREFIX + "model",
                    "is '" + model + "', which is not supported; supported are 'llama' (SentencePiece BPE) and 'gpt2'"
                            + " (byte-level BPE)");
        };
    }

    private Tokenizer sentencePiece() {
        Vocabulary vocabulary = vocabulary(PieceCoding.METASPACE);
        float[] scores = metadata.floats(SCORES).orElseThrow(() -> metadata.missing(SCORES));
        requireAsManyAsTokens(SCORES, scores.length, vocabulary.size());
        MergeTable table = MergeTable.ofRanking(
                vocabulary, MergeTable.priorities(scores), file, "metadata key " + SCORES);
        SpecialTokens special = specialTokens(vocabulary, true);
        BytePairModel model = new BytePairModel(table, false, new BytePairModel.Unknown(
                vocabulary.byteTokens(), special.unknown().orElse(Vocabulary.NONE), true));
        boolean spacePrefix = metadata.bool(PREFIX + "add_space_prefix").orElse(true);
        Normalizer spaces = Normalizer.replace(" ", String.valueOf(Metaspace.SPACE));
        Normalizer normalizer = spacePrefix
                ? Normalizer.sequence(List.of(Normalizer.prepend(String.valueOf(Metaspace.SPACE)), spaces))
                : spaces;
        return tokenizer(vocabulary, special, normalizer, pieces -> pieces, model, true, spacePrefix);
    }

    private Tokenizer byteLevel() {
        Vocabulary vocabulary = vocabulary(PieceCoding.BYTE_LEVEL);
        PreTokenizerFamily family = preTokenizer();
        MergeTable table = merges(vocabulary);
        SpecialTokens special = specialTokens(vocabulary, false);
        BytePairModel model = new BytePairModel(
                table, family.wholePieces(), new BytePairModel.Unknown(new int[0], Vocabulary.NONE, false));
        return tokenizer(
                vocabulary, special, Normalizer.NONE, family.preTokenizer(), model, family.addsBeginning(), false);
    }

    private Tokenizer tokenizer(
            Vocabulary vocabulary, SpecialTokens special, Normalizer normalizer, PreTokenizer preTokenizer,
            BytePairModel model, boolean addsBeginningByDefault, boolean dropsFirstSpace) {
        boolean addsBeginning = metadata.bool(PREFIX + "add_bos_token").orElse(addsBeginningByDefault);
        boolean addsEnd = metadata.bool(PREFIX + "add_eos_token").orElse(false);
        return new Tokenizer(vocabulary, special, new Tokenizer.Stages(
                addedTokens(vocabulary),
                normalizer,
                List.of(),
                preTokenizer,
                model,
                addsBeginning ? special.beginning().stream().toArray() : new int[0],
                addsEnd ? special.end().stream().toArray() : new int[0],
                dropsFirstSpace));
    }

    private Vocabulary vocabulary(PieceCoding coding) {
        List<String> pieces = metadata.strings(TOKENS).orElseThrow(() -> metadata.missing(TOKENS));
        TokenKind[] kinds = new TokenKind[pieces.size()];
        Arrays.fill(kinds, TokenKind.NORMAL);
        Optional<long[]> types = metadata.integers(PREFIX + "token_type");
        if (types.isPresent()) {
            requireAsManyAsTokens(PREFIX + "token_type", types.get().length, pieces.size());
            for (int id = 0; id < kinds.length; id++) {
                kinds[id] = TokenKind.ofGguf(types.get()[id]);
            }
        }
        return new Vocabulary(file, "metadata key " + TOKENS, pieces, kinds, coding);
    }

    private PreTokenizerFamily preTokenizer() {
        Optional<String> name = metadata.string(PREFIX + "pre");
        if (name.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING,
                    "{0} names no pre-tokenizer ({1}pre); using ''default'', which is right for few"
                    + " models. Convert the model anew if its answers are poor.", file, PREFIX);
        }
        String wanted = name.orElse("default");
        return PreTokenizerFamily.named(wanted).orElseThrow(() -> new ModelFormatException(
                file, "metadata key " + PREFIX + "pre",
                "is '" + wanted + "', which is not supported; supported are " + PreTokenizerFamily.allNames()));
    }

    private MergeTable merges(Vocabulary vocabulary) {
        List<String> merges = metadata.strings(MERGES).orElseThrow(() -> metadata.missing(MERGES));
        List<String> left = new ArrayList<>(merges.size());
        List<String> right = new ArrayList<>(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1) {
                throw new ModelFormatException(
                        file, "metadata key " + MERGES, "merge " + rank + " ('" + merge + "') is not two tokens");
            }
            left.add(merge.substring(0, space));
            right.add(merge.substring(space + 1));
        }
        return MergeTable.ofPairs(vocabulary, left, right, file, "metadata key " + MERGES);
    }

    /**
     * Control tokens and user-defined tokens are found as they are written, control tokens only where markup counts.
     */
    private List<AddedToken> addedTokens(Vocabulary vocabulary) {
        boolean stripsRight = stripsRight();
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            TokenKind kind = vocabulary.kind(id);
            String piece = vocabulary.piece(id);
            boolean special = kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN;
            if ((special || kind == TokenKind.USER_DEFINED) && vocabulary.idOf(piece) == id) {
                boolean strips = stripsRight && !List.of("<unk>", "<s>", "<|endoftext|>").contains(piece);
                added.add(new AddedToken(id, piece, special, false, strips, false));
            }
        }
        return added;
    }

    /** Phi-3's turn markers swallow the white space after them. The format cannot say so; the model's name has to. */
    private boolean stripsRight() {
        String name = metadata.string("general.name").orElse("").toLowerCase(Locale.ROOT);
        return name.contains("phi-3") || name.contains("phi3");
    }

    private SpecialTokens specialTokens(Vocabulary vocabulary, boolean sentencePiece) {
        OptionalInt beginning = role(vocabulary, "bos_token_id");
        OptionalInt end = role(vocabulary, "eos_token_id");
        OptionalInt unknown = role(vocabulary, "unknown_token_id");
        SpecialTokens.Roles roles = new SpecialTokens.Roles(
                beginning.isEmpty() && sentencePiece ? named(vocabulary, "<s>") : beginning,
                end.isEmpty() && sentencePiece ? named(vocabulary, "</s>") : end,
                role(vocabulary, "eot_token_id"),
                unknown.isEmpty() && sentencePiece ? named(vocabulary, "<unk>") : unknown,
                role(vocabulary, "padding_token_id"));
        BitSet ends = new BitSet();
        role(vocabulary, "eom_token_id").ifPresent(ends::set);
        return SpecialTokens.complete(vocabulary, roles, ends);
    }

    private OptionalInt role(Vocabulary vocabulary, String key) {
        OptionalLong id = metadata.integer(PREFIX + key);
        // Some writers say "none" as -1, which is this value where the type is an unsigned 32-bit integer.
        if (id.isEmpty() || id.getAsLong() == -1 || id.getAsLong() == 0xFFFF_FFFFL) {
            return OptionalInt.empty();
        }
        if (id.getAsLong() < 0 || id.getAsLong() >= vocabulary.size()) {
            throw new ModelFormatException(file, "metadata key " + PREFIX + key,
                    "is " + id.getAsLong() + " but there are " + vocabulary.size() + " tokens");
        }
        return OptionalInt.of((int) id.getAsLong());
    }

    private static OptionalInt named(Vocabulary vocabulary, String piece) {
        int id = vocabulary.idOf(piece);
        return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
    }

    private void requireAsManyAsTokens(String key, int count, int tokens) {
        if (count != tokens) {
            throw new ModelFormatException(
                    file, "metadata key " + key, "has " + count + " values but there are " + tokens + " tokens");
        }
    }
}
