package dev.pillion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cuda.VirtualGpuBackendProvider;
import dev.pillion.engine.ForwardProbe;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.StepBatch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Steps of decodes of sizes that come late: each runs as it is, is recorded, and is replayed. While it is recorded, nothing may
 * happen that a driver refuses then: no module or kernel loaded, no memory allocated, no product planned. The virtual GPU
 * refuses it too, and reads of memory nobody wrote with it.
 */
class GpuGraphTest {
    private static final Path MODEL = TestData.path("data/models/goldens/llama_tied_mqa");
    /** So many decodes at once that products go to the matrix library. */
    private static final int MANY = 128;

    private static final int BLOCK_TOKENS = 16;

    private static void run(ForwardProbe probe, int decodes, int times) {
        StepBatch batch = probe.batch();
        for (int position = 0; position < times; position++) {
            batch.clear();
            for (int i = 0; i < decodes; i++) {
                int[] tokens = new int[position + 1];
                tokens[position] = 10 + i;
                batch.beginGroup(0);
                batch.addSegment(tokens, position, 1, new int[] {i}, 1);
                batch.wantLogits(i);
            }
            probe.run();
        }
    }

    private static void run(int... sizes) {
        VirtualGpuDriver driver = VirtualGpuDriver.builder().build();
        BackendOptions options = BackendOptions.defaults().withCompute(TensorType.F16);
        ForwardProbe.Capacity capacity =
                new ForwardProbe.Capacity(MANY, MANY, MANY, MANY, BLOCK_TOKENS, TensorType.F16);
        try (Model model = Model.open(MODEL);
                Backend backend = new VirtualGpuBackendProvider(() -> driver).open(options)) {
            assertThat(backend.description()).contains("products of 128 rows and more by virtual matrix library");
            ForwardProbe probe = new ForwardProbe(model, backend, capacity);
            for (int decodes : sizes) {
                run(probe, decodes, 3);
            }
        }
    }

    @Test
    void productsOfTheLibraryAreRecordedToo() {
        run(1, MANY);
    }

    /** Five decodes run as a graph of eight; nobody computes the attention of the other three. */
    @Test
    void whatFillsUpASizeIsWritten() {
        run(5);
    }
}
