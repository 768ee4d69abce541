package dev.pillion.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code pillion simulate}: the engine's own scheduler on a virtual clock, on as many instances as one likes. */
@Command(
        name = "simulate",
        description = {
            "Serves a workload on simulated instances: the engine's own scheduler, queue",
            "and KV pool decide what runs, a model of the GPU says how long it takes.",
            "Prints latencies, goodput, cost and energy; with --html one page of charts.",
            "Several --config files are runs to compare."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class SimulateCommand implements Callable<Integer> {
    @ParentCommand
    private PillionCommand pillion;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptionGroup run;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            split = ",",
            description = "Take options from a properties or JSON file; several files are runs to compare. What the command "
                    + "line says counts for all of them.")
    private List<Path> configs = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page of charts that needs nothing beside itself.")
    private @Nullable Path html;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        if (html != null && !Files.isDirectory(html.toAbsolutePath().getParent())) {
            throw new CliException(ExitCode.FAILURE, "--html: no folder " + html.toAbsolutePath().getParent());
        }
        List<SimulationRun> runs = new ArrayList<>();
        long started = System.nanoTime();
        if (configs.isEmpty()) {
            runs.add(simulate(run.name("run"), run));
        }
        for (Path file : configs) {
            RunOptionGroup options =
                    OptionFile.read(file).fill(new RunOptionGroup(), spec.commandLine().getParseResult());
            runs.add(simulate(options.name(OptionFile.nameOf(file)), options));
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        pillion.report((runs.size() == 1 ? "simulated" : "simulated " + runs.size() + " runs") + " in "
                + TimeSpan.format(seconds));
        Map<String, Object> report = report(runs);
        if (html != null) {
            ReportPage.write(html, ReportPage.of(title(runs), CommandWords.of(spec), report));
            pillion.report("charts are in " + html);
        }
        if (json) {
            JsonOutput.line(context.out(), report);
        } else {
            new SimulationTable(runs).print(context.out());
        }
        return ExitCode.OK.code();
    }

    private SimulationRun simulate(String name, RunOptionGroup options) {
        return SimulationRun.of(
                name, options, shown -> new SimulationProgress(pillion.context(), pillion.isQuiet(), shown));
    }

    private Map<String, Object> report(List<SimulationRun> runs) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("command", CommandWords.of(spec));
        report.put("runs", runs.stream().map(SimulationRun::json).toList());
        return report;
    }

    private static String title(List<SimulationRun> runs) {
        return runs.size() == 1
                ? "Simulation: " + runs.getFirst().report().cluster()
                : "Simulation: " + String.join(" / ", runs.stream().map(SimulationRun::name).toList());
    }
}
