package dev.pillion.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendProvider.Availability;
import dev.pillion.spi.DeviceTensor;
import dev.pillion.spi.KvPool;
import dev.pillion.spi.KvLayout;
import dev.pillion.spi.StepBatch;
import dev.pillion.spi.UnsupportedWeightException;
import dev.pillion.spi.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CpuBackendTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 1, 4, 8, TensorType.F32);

    private final Backend backend = new CpuBackend(KernelSets.CHOSEN, 2);

    @AfterEach
    void close() {
        backend.close();
        backend.close();
    }

    @Test
    void isFoundAsAServiceAndSaysWhatItUses() {
        BackendProvider provider = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(candidate -> candidate.name().equals("cpu"))
                .findFirst()
                .orElseThrow();
        assertThat(provider.priority()).isEqualTo(100);
        BackendOptions options = new BackendOptions(3, 0, false);
        assertThat(provider.probe(options)).isInstanceOfSatisfying(
                Availability.Available.class, available -> assertThat(available.description()).contains("3 threads"));
        try (Backend opened = provider.open(options)) {
            assertThat(opened.name()).isEqualTo("cpu");
            assertThat(opened.description()).contains("Vector API", "-bit", "3 threads");
        }
        try (Backend opened = provider.open(new BackendOptions(0, 0, true))) {
            assertThat(opened.description())
                    .contains("scalar", Runtime.getRuntime().availableProcessors() + " threads");
        }
    }

    @Test
    void refusesTypesItCannotDecode() {
        Tensor tensor = new Tensor("blk.0", TensorType.IQ1_S, List.of(256L), MemorySegment.ofArray(new byte[50]));
        assertThatThrownBy(() -> backend.weight(tensor))
                .isInstanceOf(UnsupportedWeightException.class)
                .hasMessageContainingAll("IQ1_S", "blk.0", "Q4_K");
    }

    @Test
    void refusesTensorsOfTheWrongSizeOrOfAnotherThread() {
        Tensor shortOne = new Tensor("short", TensorType.F32, List.of(2L, 3L), MemorySegment.ofArray(new byte[20]));
        assertThatThrownBy(() -> backend.weight(shortOne)).hasMessageContainingAll("short", "20 bytes", "24");
        try (Arena confined = Arena.ofConfined()) {
            Tensor tensor = new Tensor("confined", TensorType.F32, List.of(4L), confined.allocate(16));
            assertThatThrownBy(() -> backend.weight(tensor)).hasMessageContainingAll("confined", "shared arena");
        }
    }

    @Test
    void runsOperationsInStepsOnly() {
        DeviceTensor x = backend.allocate(1, 4);
        assertThatThrownBy(() -> backend.add(x, x)).isInstanceOf(IllegalStateException.class);
        StepBatch batch = Steps.begin(backend, 0);
        backend.add(x, x);
        assertThatThrownBy(() -> backend.begin(batch, cache(1))).isInstanceOf(IllegalStateException.class);
        backend.finish();
        assertThatThrownBy(backend::finish).isInstanceOf(IllegalStateException.class);
        Steps.begin(backend, 0);
        backend.abandon();
        Steps.begin(backend, 0);
        backend.finish();
    }

    @Test
    void namesTheShapesThatDoNotFit() {
        Weight w = backend.weight(RandomTensors.matrix(TensorType.F32, 3, 5, Seed.random()));
        DeviceTensor five = backend.allocate(2, 5);
        DeviceTensor three = backend.allocate(2, 3);
        Steps.begin(backend, 0);
        assertThatThrownBy(() -> backend.linear(three, w, null, five, 1)).hasMessageContaining("3 columns, needs 5");
        assertThatThrownBy(() -> backend.linear(five, w, null, three, 3)).hasMessageContaining("2 rows, not 3");
        assertThatThrownBy(() -> backend.linear(five, w, w, three, 1)).hasMessageContaining("not a vector of 3");
        assertThatThrownBy(() -> backend.embed(w, three)).hasMessageContaining("needs 5");
    }

    @Test
    void refusesABatchThatDoesNotFitItsCache() {
        StepBatch batch = new StepBatch(20, 2, 4, 8);
        batch.beginGroup(0);
        batch.addSegment(new int[20], 0, 9, new int[] {0}, 1);
        assertThatThrownBy(() -> backend.begin(batch, cache(4))).hasMessageContainingAll("position 8", "1 blocks of 8");
        batch.clear();
        batch.beginGroup(0);
        batch.addSegment(new int[20], 0, 9, new int[] {0, 4}, 2);
        assertThatThrownBy(() -> backend.begin(batch, cache(4))).hasMessageContainingAll("block 4", "of 4");
        assertThatThrownBy(() -> backend.begin(batch, backend.allocateKvPool(LAYOUT, 4, KvPool.Tier.HOST)))
                .hasMessageContaining("DEVICE");
        batch.clear();
        batch.beginGroup(0);
        batch.addSegment(new int[20], 0, 9, new int[] {0, 3}, 2);
        backend.begin(batch, cache(4));
    }

    @Test
    void copiesBlocksBetweenPools() {
        CpuKvPool device = cache(2);
        CpuKvPool host = (CpuKvPool) backend.allocateKvPool(LAYOUT, 3, KvPool.Tier.HOST);
        float[] key = {1, 2, 3, 4};
        float[] value = {5, 6, 7, 8};
        device.write(1, 1, 0, 3, key, 0, value, 0);
        backend.copyBlock(device, 1, host, 2);
        backend.copyBlock(host, 2, device, 0);
        long bytes = LAYOUT.bytesPerBlock();
        assertThat(device.data.asSlice(0, bytes).mismatch(device.data.asSlice(bytes, bytes))).isEqualTo(-1);
        KvTile tile = new KvTile(4, KernelSets.CHOSEN.keyLanes());
        tile.load(device, 1, 0, new int[] {0}, 0, 3, 4, KernelSets.CHOSEN);
        assertThat(Arrays.copyOfRange(tile.values, 12, 16)).containsExactly(5, 6, 7, 8);
        assertThat(tile.keys[3]).isEqualTo(1);
        assertThat(tile.keys[3 + KernelSets.CHOSEN.keyLanes()]).isEqualTo(2);
    }

    private CpuKvPool cache(int blocks) {
        return (CpuKvPool) backend.allocateKvPool(LAYOUT, blocks, KvPool.Tier.DEVICE);
    }
}
