package dev.pillion.cli;

import dev.pillion.PillionException;
import dev.pillion.cli.hub.HubException;
import dev.pillion.model.ModelFormatException;
import dev.pillion.model.template.TemplateException;
import dev.pillion.sampling.SamplingParameterException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever ended a command into one line for the user and an exit code; stack traces only where asked for. */
final class FailureReport implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final CommandContext context;
    private boolean debug;

    FailureReport(CommandContext context) {
        this.context = context;
        this.debug = context.isSwitchedOn("PILLION_DEBUG");
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        debug |= Arrays.asList(args).contains("--debug");
        CommandLine command = e.getCommandLine();
        int code = show(e, ExitCode.USAGE, String.valueOf(e.getMessage()).replaceFirst("^Error: ", ""));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, context.err());
        context.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return code;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
        debug |= result.originalArgs().contains("--debug");
        if (e instanceof ParameterException parameter) {
            return handleParseException(parameter, result.originalArgs().toArray(String[]::new));
        }
        return report(e);
    }

    /** Shows what went wrong. */
    int report(Throwable failure) {
        return switch (failure) {
            case ResultWriter.ReaderGoneException e -> ExitCode.OK.code();
            case CliException e -> show(e, e.exitCode(), e.getMessage());
            case ModelFormatException e -> show(e, ExitCode.BAD_MODEL, e.getMessage());
            case TemplateException e -> show(e, ExitCode.BAD_MODEL, e.getMessage());
            case PillionException e -> show(e, exitCode(e.code()), e.getMessage());
            case SamplingParameterException e -> show(e, ExitCode.USAGE, e.getMessage());
            case HubException e -> show(e, ExitCode.FAILURE, e.getMessage());
            case UncheckedIOException e -> ioFailure(e, e.getMessage(), e.getCause());
            case IOException e -> ioFailure(e, "", e);
            case OutOfMemoryError e -> show(e, ExitCode.OUT_OF_MEMORY, "the Java heap or its direct memory is full ("
                    + e.getMessage() + "); give it more with PILLION_JAVA_OPTS=-Xmx8g, or a smaller --context");
            default -> show(failure, ExitCode.FAILURE, "internal error: " + failure
                    + "; please report it with what --debug shows");
        };
    }

    private int ioFailure(Exception failure, String context, IOException cause) {
        if (cause instanceof InterruptedIOException) {
            return show(failure, ExitCode.INTERRUPTED, "interrupted");
        }
        String reason = switch (cause) {
            case NoSuchFileException e -> "no such file: " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case FileSystemException e -> String.valueOf(e.getReason()) + ": " + e.getFile();
            default -> String.valueOf(cause.getMessage());
        };
        boolean plain = context.isEmpty() || context.contains(cause.getClass().getName());
        return show(failure, ExitCode.FAILURE, plain ? reason : context + ": " + reason);
    }

    private int show(Throwable failure, ExitCode code, String message) {
        context.err().println("pillion: " + Printable.of(String.valueOf(message)));
        if (debug) {
            failure.printStackTrace(context.err());
        }
        return code.code();
    }

    private static ExitCode exitCode(PillionException.Code code) {
        return switch (code) {
            case BAD_REQUEST -> ExitCode.USAGE;
            case OUT_OF_MEMORY -> ExitCode.OUT_OF_MEMORY;
            case QUEUE_FULL, REQUEST_FAILED, CLOSED, ENGINE_FAILED, NO_BACKEND -> ExitCode.FAILURE;
        };
    }
}
