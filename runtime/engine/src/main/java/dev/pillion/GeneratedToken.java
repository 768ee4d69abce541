package dev.pillion;

import dev.pillion.sampling.TokenLogprobs;
import java.util.Optional;

/**
 * One token of a stream.
 *
 * @param sample index of the sample it belongs to, 0 unless the request asked for several
 * @param id token id
 * @param text text that became certain with this token: whole characters only, without what may still turn out to be part
 *     of a stop string; often one word, at times empty
 * @param logprobs log-probabilities, where the request asked for them
 */
public record GeneratedToken(int sample, int id, String text, Optional<TokenLogprobs> logprobs) {}
