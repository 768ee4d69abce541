/**
 * Verifies and measures Pillion on a GPU server with nothing but the bundle: {@link dev.pillion.verify.VerifyGpu} runs stages
 * one after the other, each in processes of its own, and gathers their rows.
 */
@NullMarked
package dev.pillion.verify;

import org.jspecify.annotations.NullMarked;
