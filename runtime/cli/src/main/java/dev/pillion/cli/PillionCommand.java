package dev.pillion.cli;

import java.io.PrintWriter;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code pillion} command. */
@Command(
        name = "pillion",
        description = "Runs language models on the JVM.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "M, a model, is a .gguf file, a folder with config.json and safetensors,",
            "hf:ORG/REPO/FILE (fetched before by pillion pull), or demo, the built-in one,",
            "which is the default.",
            "",
            "Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failure,",
            "2 wrong usage, 3 no suitable JDK, 4 bad model file, 5 not enough memory,",
            "130 interrupted."
        },
        subcommands = {
            RunCommand.class,
            ChatCommand.class,
            TokenizeCommand.class,
            DetokenizeCommand.class,
            InspectCommand.class,
            LogitsCommand.class,
            BatchCommand.class,
            BenchCommand.class,
            AnalyzeCommand.class,
            CalibrateCommand.class,
            SimulateCommand.class,
            PlanCommand.class,
            EvalCommand.class,
            PullCommand.class,
            GenerateCompletion.class
        })
public final class PillionCommand implements Runnable {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show stack traces and debug messages (also PILLION_DEBUG=1).")
    private boolean debug;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "No reports and progress on stderr, only warnings and errors.")
    private boolean quiet;

    @Spec
    private CommandSpec spec;

    private final CommandContext context;

    private PillionCommand(CommandContext context) {
        this.context = context;
    }

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(CommandContext.ofProcess(), args));
    }

    /**
     * Runs the command within this process.
     *
     * @return the exit code
     */
    static int execute(CommandContext context, String... args) {
        PillionCommand pillion = new PillionCommand(context);
        FailureReport failures = new FailureReport(context);
        CommandLine line = new CommandLine(pillion)
                .setOut(new PrintWriter(context.out()))
                .setErr(context.err())
                .setColorScheme(CommandLine.Help.defaultColorScheme(context.colour() ? Ansi.ON : Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExecutionStrategy(result -> {
                    Messages.install(context.err(), pillion.isDebugging(), pillion.quiet);
                    return new CommandLine.RunLast().execute(result);
                });
        try {
            int code = line.execute(args);
            context.out().flush();
            return code;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            return failures.report(e);
        } finally {
            context.err().flush();
        }
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? Give one of: "
                + String.join(", ", spec.subcommands().keySet()));
    }

    CommandContext context() {
        return context;
    }

    boolean isQuiet() {
        return quiet;
    }

    private boolean isDebugging() {
        return debug || context.isSwitchedOn("PILLION_DEBUG");
    }

    /** Tells the user something that is no result, unless it is not wanted. */
    void report(String message) {
        if (!quiet) {
            context.err().println("pillion: " + Printable.of(message));
        }
    }
}
