/**
 * How a row of logits becomes a token: the sampling parameters of a request, the fixed chain that applies them, the
 * counter-based draw, log-probabilities, and the stop conditions that end a generation.
 *
 * <p>The engine makes one {@link dev.pillion.sampling.Sampler} per sequence and one
 * {@link dev.pillion.sampling.SamplerScratch} per engine thread. The order of the chain is written down in
 * {@link dev.pillion.sampling.Sampler} and, with its reasons, in {@code docs/sampling.md}.
 */
@NullMarked
package dev.pillion.sampling;

import org.jspecify.annotations.NullMarked;
