package dev.pillion.cli;

import dev.pillion.cli.hub.HubCache;
import dev.pillion.cli.hub.HubReference;
import dev.pillion.model.Model;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What the user may call a model: a file, a folder, a file of a hub that has been fetched, or the built-in one. */
final class ModelReference {
    /** Name of the built-in model. */
    static final String DEMO = "demo";

    private ModelReference() {}

    /** Opens the model. */
    static Model open(String reference, CommandContext context) {
        return Model.open(resolve(reference, context));
    }

    /**
     * Where the model lies. Nothing is fetched from a network.
     *
     * @throws CliException if there is no such thing
     */
    static Path resolve(String reference, CommandContext context) {
        if (reference.equals(DEMO)) {
            return DemoModel.file(context);
        }
        if (reference.startsWith(HubReference.PREFIX)) {
            return cached(reference, context);
        }
        Path path;
        try {
            path = Path.of(reference);
        } catch (InvalidPathException e) {
            throw new CliException(ExitCode.USAGE, "\"" + reference + "\" is no path: " + e.getReason(), e);
        }
        if (reference.isEmpty() || !Files.exists(path)) {
            throw new CliException(ExitCode.FAILURE, "no model at \"" + reference
                    + "\"; give a .gguf file, a folder with config.json and safetensors, hf:ORG/REPO/FILE, or demo");
        }
        return path;
    }

    private static Path cached(String reference, CommandContext context) {
        HubReference hub = hubReference(reference);
        HubCache cache = HubCache.of(context.environment(), context.home());
        return cache.find(hub).orElseThrow(() -> new CliException(
                ExitCode.FAILURE,
                hub + " is not in the cache " + cache.root() + "; fetch it with: pillion pull " + hub));
    }

    /** Reads a hub reference of the command line. */
    static HubReference hubReference(String text) {
        try {
            return HubReference.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, "\"" + text + "\": " + e.getMessage(), e);
        }
    }
}
