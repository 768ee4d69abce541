package dev.pillion.model.tokenizer;

/**
 * A token that is found in the text as it is written, before anything else is done with the text.
 *
 * @param id the token
 * @param content the text to find
 * @param special whether it is markup, found only where the caller wants markup to count
 * @param leftStrip whether white space before it is swallowed
 * @param rightStrip whether white space after it is swallowed
 * @param singleWord whether it counts only where no word character touches it
 */
record AddedToken(int id, String content, boolean special, boolean leftStrip, boolean rightStrip, boolean singleWord) {
    /** A token without further conditions. */
    static AddedToken plain(int id, String content, boolean special) {
        return new AddedToken(id, content, special, false, false, false);
    }
}
