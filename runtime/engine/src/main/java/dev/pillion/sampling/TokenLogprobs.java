package dev.pillion.sampling;

import java.util.List;

/**
 * Log-probabilities at one position, of the model's own distribution: before bias, bans, penalties, temperature and
 * filters.
 *
 * @param chosen the token that was generated
 * @param top the most likely tokens, most likely first, the lower id first among equals; the chosen one is among them
 *     only if it is that likely
 */
public record TokenLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {
    /** Copies the list. */
    public TokenLogprobs {
        top = List.copyOf(top);
    }
}
