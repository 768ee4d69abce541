package dev.pillion.conformance.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.GpuException;
import dev.pillion.kernels.driver.KernelLaunch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Errors that can be brought about on a real device as on the virtual one: what they are called, and what they leave whole. */
class DeviceErrorsTest {
    private static final long NOWHERE = 0x10;
    private static final int BYTES = 256;

    @Test
    void moreMemoryThanThereIsIsRefusedAndTheContextGoesOn() {
        try (GpuUnderTest gpu = GpuUnderTest.open()) {
            GpuContext context = gpu.context();
            GpuContext.MemoryInfo before = context.memory();

            GpuException refused =
                    catchThrowableOfType(GpuException.class, () -> context.allocate(before.total() + (1L << 30)));

            assertThat(refused.resultName()).isEqualTo("CUDA_ERROR_OUT_OF_MEMORY");
            assertThat(refused.sticky()).isFalse();
            assertThat(context.memory().free()).isEqualTo(before.free());
            assertThat(roundTrip(context, gpu.stream(), (byte) 7)).isEqualTo((byte) 7);
        }
    }

    @Test
    void anIllegalAddressLosesItsContextAndNoOther() {
        try (GpuUnderTest sound = GpuUnderTest.open(); GpuUnderTest broken = GpuUnderTest.open(); Arena arena = Arena.ofConfined()) {
            KernelLaunch copy = broken.kernel("blocks", "copy_blocks", arena)
                    .block(32, 1, 1)
                    .set(0, NOWHERE)
                    .set(1, NOWHERE)
                    .set(2, NOWHERE)
                    .set(3, 1)
                    .set(4, (long) BYTES);

            GpuException failure = catchThrowableOfType(GpuException.class, () -> {
                broken.context().launch(copy, broken.stream());
                broken.context().synchronize(broken.stream());
            });

            assertThat(failure.resultName()).isEqualTo("CUDA_ERROR_ILLEGAL_ADDRESS");
            assertThat(failure.sticky()).isTrue();
            assertThat(roundTrip(sound.context(), sound.stream(), (byte) 9)).isEqualTo((byte) 9);
        }
    }

    /** A byte through device memory. */
    private static byte roundTrip(GpuContext context, long stream, byte value) {
        long address = context.allocate(BYTES);
        MemorySegment host = context.allocateHost(BYTES);
        try {
            context.fill(address, value, BYTES, stream);
            context.copyToHost(host, address, stream);
            context.synchronize(stream);
            return host.get(ValueLayout.JAVA_BYTE, BYTES - 1);
        } finally {
            context.freeHost(host);
            context.free(address);
        }
    }
}
