package dev.pillion.cuda;

import dev.pillion.spi.BackendOptions;
import java.nio.file.Path;
import java.util.Map;

/** Prints what the provider finds on a machine whose file system is one folder, with another named by the user. */
final class ProbeMain {
    private ProbeMain() {}

    public static void main(String[] args) {
        Path root = Path.of(args[0]);
        Machine machine = new Machine(Machine.Platform.LINUX, "x86_64-linux-gnu", root, root, Map.of());
        BackendOptions options = BackendOptions.defaults();
        if (args.length > 1) {
            options = options.withCudaLibraryPath(Path.of(args[1]));
        }
        System.out.println(new CudaBackendProvider(machine).probe(options));
    }
}
