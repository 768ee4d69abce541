package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A stage that is one measuring program of the benchmarks.
 *
 * @param name of the stage
 * @param weight of the stage
 * @param mainClass the program
 * @param wantsCeilings whether it takes {@code --ceilings}
 */
record ProgramStage(String name, double weight, String mainClass, boolean wantsCeilings) implements Stage {
    /** Of its time, what a program is told it has; the rest is for starting, ending and the step it is in. */
    private static final double TOLD = 0.85;

    @Override
    public void run(StageRun run) throws IOException, InterruptedException {
        if (!StageRun.has(mainClass)) {
            run.failed(StageRun.WHOLE, mainClass + " is not in this bundle");
            return;
        }
        Path rows = run.scratch(name + ".json");
        double minutes = TOLD * run.time().seconds() / 60;
        List<String> arguments = List.of(
                "--driver",
                run.options().driver(),
                "--minutes",
                String.format(Locale.ROOT, "%.3f", minutes),
                "--out",
                rows.toString());
        ChildRun child = run.measure(run.java(mainClass, withCeilings(arguments, run)), rows);
        boolean wrote = run.rowsSoFar().stream().map(ResultRow::stage).anyMatch(name::equals);
        if (!child.ok() || !wrote) {
            run.failed(StageRun.WHOLE, child.outcome() + (wrote ? "" : ", without a row") + "; see verify.log");
        }
    }

    private List<String> withCeilings(List<String> arguments, StageRun run) {
        if (!wantsCeilings) {
            return arguments;
        }
        List<String> more = new ArrayList<>(arguments);
        more.addAll(List.of("--ceilings", run.options().out().resolve("results.json").toString()));
        return more;
    }
}
