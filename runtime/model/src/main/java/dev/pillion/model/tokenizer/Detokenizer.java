package dev.pillion.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns a stream of tokens into a stream of text.
 *
 * <p>A token is some bytes, and a character's bytes may be spread over several tokens. What is returned is always whole
 * characters; bytes that may still become one are held back. Malformed bytes become U+FFFD as soon as it is certain
 * that they are. The concatenation of all returned strings is the text of all tokens together.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Detokenizer {
    private static final int LONGEST_CHARACTER = 4;

    private final Tokenizer tokenizer;
    private final SpecialText specialText;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] pending = new byte[0];
    private boolean dropSpace;

    private Detokenizer(Tokenizer tokenizer, SpecialText specialText, boolean dropSpace) {
        this.tokenizer = tokenizer;
        this.specialText = specialText;
        this.dropSpace = dropSpace;
    }

    /**
     * For the tokens of a text from its beginning: a first space that the encoder would have added is dropped.
     *
     * @param tokenizer whose tokens these are
     * @param specialText what control tokens become
     */
    public static Detokenizer fromStart(Tokenizer tokenizer, SpecialText specialText) {
        return new Detokenizer(tokenizer, specialText, tokenizer.dropsFirstSpace());
    }

    /**
     * For tokens that continue a text: the first space is kept.
     *
     * @param tokenizer whose tokens these are
     * @param specialText what control tokens become
     */
    public static Detokenizer continuing(Tokenizer tokenizer, SpecialText specialText) {
        return new Detokenizer(tokenizer, specialText, false);
    }

    /** The text that is certain after one more token; often empty. */
    public String append(int id) {
        if (specialText == SpecialText.OMIT && tokenizer.isSpecial(id)) {
            return "";
        }
        byte[] bytes = tokenizer.bytesOf(id);
        int start = dropSpace && bytes.length > 0 && bytes[0] == ' ' ? 1 : 0;
        dropSpace &= bytes.length == 0;
        ByteBuffer in = ByteBuffer.allocate(pending.length + bytes.length - start);
        in.put(pending).put(bytes, start, bytes.length - start).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining());
        decoder.decode(in, out, false);
        pending = new byte[in.remaining()];
        in.get(pending);
        return out.flip().toString();
    }

    /** The text of what was held back, with U+FFFD for an incomplete character. The stream then begins anew. */
    public String flush() {
        CharBuffer out = CharBuffer.allocate(LONGEST_CHARACTER);
        decoder.decode(ByteBuffer.wrap(pending), out, true);
        decoder.flush(out);
        decoder.reset();
        pending = new byte[0];
        return out.flip().toString();
    }
}
