package dev.pillion.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code verify-gpu.sh} was asked for.
 *
 * @param home the unpacked bundle
 * @param virtual whether the virtual GPU stands in for a device
 * @param time for all stages together
 * @param out folder of the results
 * @param stages names of the stages to run; empty for all
 * @param llamaBench llama.cpp's benchmark program, to be measured beside
 */
record VerifyOptions(
        Path home, boolean virtual, Duration time, Path out, List<String> stages, Optional<Path> llamaBench) {
    static final String USAGE =
            """
            usage: verify-gpu.sh [--minutes N] [--virtual] [--out DIR] [--stages a,b] [--llama-bench FILE]
              --minutes N       time for all stages together (default 30; with 8 the most valuable rows)
              --virtual         on the virtual GPU, with tiny shapes: checks the verification itself
              --out DIR         folder for results.json, results.md and verify.log (default ./verify-gpu-results)
              --stages a,b      of environment, ceilings, conformance, end-to-end, kernels, peers
              --llama-bench F   llama.cpp's llama-bench, to be measured beside
            """;

    private static final double DEFAULT_MINUTES = 30;

    /** The command line does not say what to do. */
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /**
     * Reads the command line.
     *
     * @param known names of all stages
     * @throws UsageException if it cannot be understood
     */
    static VerifyOptions parse(Path home, String[] args, List<String> known) {
        boolean virtual = false;
        double minutes = DEFAULT_MINUTES;
        Path out = Path.of("verify-gpu-results");
        List<String> stages = new ArrayList<>();
        Optional<Path> llamaBench = Optional.empty();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help" -> throw new UsageException("");
                case "--virtual" -> virtual = true;
                case "--minutes" -> minutes = minutes(value(args, ++i));
                case "--out" -> out = Path.of(value(args, ++i));
                case "--stages" -> stages.addAll(List.of(value(args, ++i).split(",")));
                case "--llama-bench" -> llamaBench = Optional.of(Path.of(value(args, ++i)));
                default -> throw new UsageException("unknown option " + args[i]);
            }
        }
        for (String stage : stages) {
            if (!known.contains(stage)) {
                throw new UsageException("there is no stage \"" + stage + "\"; there are " + String.join(", ", known));
            }
        }
        if (llamaBench.isPresent() && !Files.isExecutable(llamaBench.get())) {
            throw new UsageException("--llama-bench: there is no program " + llamaBench.get());
        }
        Duration time = Duration.ofMillis((long) (minutes * 60_000));
        return new VerifyOptions(home, virtual, time, out.toAbsolutePath(), List.copyOf(stages), llamaBench);
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new UsageException(args[at - 1] + " needs a value");
        }
        return args[at];
    }

    private static double minutes(String text) {
        try {
            double minutes = Double.parseDouble(text);
            if (minutes > 0 && minutes <= 24 * 60) {
                return minutes;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new UsageException("--minutes is \"" + text + "\"; give a number of minutes");
    }

    /** Value of {@code --driver} for the measuring programs, and of the tests' property. */
    String driver() {
        return virtual ? "virtual" : "native";
    }

    /** Whether a stage is to be run. */
    boolean wants(String stage) {
        return stages.isEmpty() || stages.contains(stage);
    }
}
