package dev.pillion.cli;

import dev.pillion.cli.hub.HubCache;
import dev.pillion.cli.hub.HubDownload;
import dev.pillion.cli.hub.HubEndpoint;
import dev.pillion.cli.hub.HubReference;
import dev.pillion.cli.hub.Retries;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Parameters;

/** {@code pillion pull}: fetches a file from a Hugging Face hub. */
@Command(
        name = "pull",
        description = "Fetches a model file from a Hugging Face hub and prints where it lies.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Version.class)
final class PullCommand implements Callable<Integer> {
    private static final double LONGEST_RETRY_SECONDS = 3600;

    @ParentCommand
    private PillionCommand pillion;

    @Parameters(
            paramLabel = "hf:ORG/REPO/FILE[@REV]",
            description = "The file; REV is a branch, tag or commit (default: main).")
    private String reference = "";

    @Option(names = "--to", paramLabel = "DIR", description = "Put the file there rather than into the cache.")
    private @Nullable Path folder;

    @Option(
            names = "--offline",
            description = "Use no network: print the cached file, or fail (also HF_HUB_OFFLINE=1).")
    private boolean offline;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Address of the hub (default: HF_ENDPOINT, else https://huggingface.co).")
    private @Nullable URI endpoint;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "Further attempts after a lost connection or a busy server (default: ${DEFAULT-VALUE}).")
    private int retries = 5;

    @Option(
            names = "--retry-wait",
            paramLabel = "SECONDS",
            description = "Wait before the first retry, then doubled (default: ${DEFAULT-VALUE}).")
    private double retryWaitSeconds = 1;

    @Override
    public Integer call() {
        CommandContext context = pillion.context();
        HubReference hub = ModelReference.hubReference(reference);
        HubCache cache = HubCache.of(context.environment(), context.home());
        boolean useNetwork = !offline && !context.isSwitchedOn("HF_HUB_OFFLINE");
        Path path = useNetwork ? fetch(hub, cache, context) : present(hub, cache);
        context.out().line(path.toAbsolutePath().toString());
        context.out().flush();
        return ExitCode.OK.code();
    }

    private Path present(HubReference hub, HubCache cache) {
        Optional<Path> found = folder == null
                ? cache.find(hub)
                : Optional.of(folder.resolve(hub.file())).filter(Files::isRegularFile);
        return found.orElseThrow(() -> new CliException(ExitCode.FAILURE, hub + " is not in "
                + (folder == null ? "the cache " + cache.root() : folder)
                + " and the network is switched off; pull it once without --offline and HF_HUB_OFFLINE"));
    }

    private Path fetch(HubReference hub, HubCache cache, CommandContext context) {
        HubEndpoint hubEndpoint = endpoint(context);
        if (hubEndpoint.withholdsToken()) {
            pillion.report("HF_TOKEN is not sent: " + hubEndpoint.base() + " is not https");
        }
        try (HubDownload download =
                new HubDownload(hubEndpoint, retries(), new ProgressDisplay(context, pillion.isQuiet()))) {
            HubDownload.Fetched fetched =
                    folder == null ? download.toCache(hub, cache) : download.toFolder(hub, folder);
            pillion.report(hub + (fetched.transferred() ? ": fetched, " : ": was there, ") + fetched.check());
            return fetched.path();
        }
    }

    private HubEndpoint endpoint(CommandContext context) {
        String variable = context.variable("HF_ENDPOINT");
        try {
            URI base = endpoint != null ? endpoint : URI.create(variable.isEmpty() ? HubEndpoint.DEFAULT : variable);
            return new HubEndpoint(base, Optional.of(context.variable("HF_TOKEN")));
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private Retries retries() {
        if (retries < 0 || !(retryWaitSeconds >= 0 && retryWaitSeconds <= LONGEST_RETRY_SECONDS)) {
            throw new CliException(ExitCode.USAGE, "--retries must be 0 or more, --retry-wait 0 to 3600 seconds");
        }
        return new Retries(retries, Duration.ofMillis((long) (retryWaitSeconds * 1000)), pillion::report);
    }
}
