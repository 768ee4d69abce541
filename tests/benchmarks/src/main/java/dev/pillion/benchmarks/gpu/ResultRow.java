package dev.pillion.benchmarks.gpu;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One measured value and what it is to be compared with.
 *
 * @param stage part of the verification: {@code environment}, {@code ceilings}, {@code conformance}, {@code kernels},
 *     {@code end-to-end}, {@code peers}
 * @param name what was measured, unique within stage and shape: {@code decode batch 1}
 * @param shape on what: {@code Llama-3.1-8B BF16}, {@code 4096 x 4096, 16 rows}; empty if it has none
 * @param value the figure; empty if it was not measured, in which case the note says why
 * @param unit of the value: {@code tok/s}, {@code GB/s} (10^9 bytes), {@code TFLOP/s}, {@code us}
 * @param ceiling the measured rate that bounds this one
 * @param ceilingUnit unit of the ceiling; empty if there is none
 * @param share value over ceiling where both have one unit, otherwise what the measuring class says; 1 is the ceiling itself
 * @param target what is asked for: {@code >= 220 tok/s}; empty if nothing is
 * @param passed whether the target is met, or whether tests passed
 * @param peer the same figure of another program in the same run, with its name: {@code transformers 5.1: 41.2}
 * @param note anything else, such as spread, bytes counted, or why there is no value
 */
public record ResultRow(
        String stage,
        String name,
        String shape,
        OptionalDouble value,
        String unit,
        OptionalDouble ceiling,
        String ceilingUnit,
        OptionalDouble share,
        String target,
        Optional<Boolean> passed,
        String peer,
        String note) {

    /** Checks that the row has a stage and a name, and that its numbers are numbers. */
    public ResultRow {
        if (stage.isBlank() || name.isBlank()) {
            throw new IllegalArgumentException("a row needs a stage and a name: \"" + stage + "\", \"" + name + "\"");
        }
        Objects.requireNonNull(passed);
        finite("value", value);
        finite("ceiling", ceiling);
        finite("share", share);
    }

    private static void finite(String what, OptionalDouble number) {
        if (number.isPresent() && !Double.isFinite(number.getAsDouble())) {
            throw new IllegalArgumentException(what + " is " + number.getAsDouble() + ", not a number");
        }
    }

    /** A measured value. */
    public static ResultRow of(String stage, String name, String shape, double value, String unit) {
        return new ResultRow(
                stage,
                name,
                shape,
                OptionalDouble.of(value),
                unit,
                OptionalDouble.empty(),
                "",
                OptionalDouble.empty(),
                "",
                Optional.empty(),
                "",
                "");
    }

    /** A value that could not be measured. */
    public static ResultRow missing(String stage, String name, String shape, String unit, String reason) {
        return new ResultRow(
                stage,
                name,
                shape,
                OptionalDouble.empty(),
                unit,
                OptionalDouble.empty(),
                "",
                OptionalDouble.empty(),
                "",
                Optional.empty(),
                "",
                reason);
    }

    /** The same row beside a ceiling in the value's unit; the share follows. */
    public ResultRow withCeiling(double rate) {
        OptionalDouble share = value.isPresent() ? OptionalDouble.of(value.getAsDouble() / rate) : OptionalDouble.empty();
        return withCeiling(rate, unit, share);
    }

    /** The same row beside a ceiling in another unit, with the share of it that was reached. */
    public ResultRow withCeiling(double rate, String rateUnit, double share) {
        return withCeiling(rate, rateUnit, OptionalDouble.of(share));
    }

    private ResultRow withCeiling(double rate, String rateUnit, OptionalDouble reached) {
        return new ResultRow(
                stage, name, shape, value, unit, OptionalDouble.of(rate), rateUnit, reached, target, passed, peer, note);
    }

    /** The same row with a least value as its target. */
    public ResultRow atLeast(double least) {
        return target(">= " + plain(least) + " " + unit, value.isPresent() ? Optional.of(value.getAsDouble() >= least) : passed);
    }

    /** The same row with a greatest value as its target. */
    public ResultRow atMost(double most) {
        return target("<= " + plain(most) + " " + unit, value.isPresent() ? Optional.of(value.getAsDouble() <= most) : passed);
    }

    /** The same row with a least share of its ceiling as its target. */
    public ResultRow shareAtLeast(double least) {
        return target(
                ">= " + plain(100 * least) + " % of ceiling",
                share.isPresent() ? Optional.of(share.getAsDouble() >= least) : passed);
    }

    /** The same row with a target in words, and whether it was met. */
    public ResultRow target(String words, Optional<Boolean> met) {
        return new ResultRow(stage, name, shape, value, unit, ceiling, ceilingUnit, share, words, met, peer, note);
    }

    /** The same row with another program's figure. */
    public ResultRow withPeer(String figure) {
        return new ResultRow(stage, name, shape, value, unit, ceiling, ceilingUnit, share, target, passed, figure, note);
    }

    /** The same row with a note. */
    public ResultRow withNote(String text) {
        return new ResultRow(stage, name, shape, value, unit, ceiling, ceilingUnit, share, target, passed, peer, text);
    }

    /** A number as a person would write it: 220, 0.85, 1.2. */
    private static String plain(double number) {
        String text = String.format(Locale.ROOT, "%.3f", number);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
