/**
 * Text to token ids and back. {@link dev.pillion.model.tokenizer.Tokenizers} reads the formats, {@link
 * dev.pillion.model.tokenizer.Tokenizer} does the work, {@link dev.pillion.model.tokenizer.Detokenizer} streams text.
 *
 * <p>The way of a text, each step one type: {@code AddedTokens} cuts out written special tokens, a {@code Normalizer}
 * rewrites what lies between, a chain of {@code PreTokenizer}s cuts it into {@code Pieces} that merges never cross, and
 * {@code BytePairModel} merges each piece into tokens.
 */
@NullMarked
package dev.pillion.model.tokenizer;

import org.jspecify.annotations.NullMarked;
