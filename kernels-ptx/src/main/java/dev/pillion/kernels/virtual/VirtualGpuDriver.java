package dev.pillion.kernels.virtual;

import dev.pillion.kernels.driver.GpuDeviceInfo;
import dev.pillion.kernels.driver.GpuDriver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A driver whose devices are virtual: they execute PTX on the CPU and check every access. Errors come as the real
 * driver gives them; what a kernel did wrong is in the message. Work of different streams is ordered by events only,
 * stream 0 being a stream like any other.
 */
public final class VirtualGpuDriver implements GpuDriver {
    private final List<VirtualDevice> devices = new ArrayList<>();
    private final Settings settings;

    private VirtualGpuDriver(Builder builder) {
        settings = new Settings(Checks.of(builder.checks), builder.faults, builder.threads, builder.instructionLimit,
                builder.matmulLibrary, builder.listener);
        for (GpuDeviceInfo info : builder.devices) {
            devices.add(new VirtualDevice(info));
        }
        if (builder.devices.isEmpty()) {
            devices.add(new VirtualDevice(DeviceModel.A100.info(0, DeviceModel.A100.memoryBytes())));
        }
    }

    /**
     * What all contexts of a driver share.
     *
     * @param checks checks that are on
     * @param faults faults to inject
     * @param threads CPU threads of a launch
     * @param instructionLimit instructions of a warp in one block
     * @param matmulLibrary whether there is a matrix library
     * @param listener told of each launch
     */
    record Settings(
            Checks checks,
            FaultPlan faults,
            int threads,
            long instructionLimit,
            boolean matmulLibrary,
            Consumer<LaunchStatistics> listener) {}

    /** Begins a driver with all checks on, no faults and, unless others are added, one A100. */
    public static Builder builder() {
        return new Builder();
    }

    /** Puts a driver together. */
    public static final class Builder {
        private final List<GpuDeviceInfo> devices = new ArrayList<>();
        private Set<Check> checks = EnumSet.allOf(Check.class);
        private FaultPlan faults = new FaultPlan();
        private int threads = Runtime.getRuntime().availableProcessors();
        private long instructionLimit = Long.MAX_VALUE;
        private boolean matmulLibrary = true;
        private Consumer<LaunchStatistics> listener = statistics -> { };

        private Builder() {}

        /** Adds a device with the memory of its model. */
        public Builder device(DeviceModel model) {
            return device(model, model.memoryBytes());
        }

        /** Adds a device with so many bytes of memory; the host gives memory only for pages that are written. */
        public Builder device(DeviceModel model, long memoryBytes) {
            devices.add(model.info(devices.size(), memoryBytes));
            return this;
        }

        /** Turns on these checks and no others. */
        public Builder checks(Set<Check> on) {
            checks = on.isEmpty() ? EnumSet.noneOf(Check.class) : EnumSet.copyOf(on);
            return this;
        }

        /** Turns a check off. */
        public Builder without(Check check) {
            checks.remove(check);
            return this;
        }

        /** Sets the faults to inject. */
        public Builder faults(FaultPlan plan) {
            faults = plan;
            return this;
        }

        /** Sets how many CPU threads run the blocks of a launch. */
        public Builder threads(int count) {
            threads = count;
            return this;
        }

        /** Gives up a launch in which a warp executes more instructions in one block. */
        public Builder instructionLimit(long instructions) {
            instructionLimit = instructions;
            return this;
        }

        /** Leaves out the matrix library, as on a machine without cuBLASLt. */
        public Builder withoutMatmulLibrary() {
            matmulLibrary = false;
            return this;
        }

        /** Tells of each launch when it is done, on the thread of its stream. */
        public Builder listener(Consumer<LaunchStatistics> consumer) {
            listener = consumer;
            return this;
        }

        /** Makes the driver. */
        public VirtualGpuDriver build() {
            return new VirtualGpuDriver(this);
        }
    }

    @Override
    public String description() {
        return "virtual GPU (PTX executed on the CPU)";
    }

    @Override
    public int deviceCount() {
        return devices.size();
    }

    @Override
    public GpuDeviceInfo device(int ordinal) {
        return virtualDevice(ordinal).info();
    }

    private VirtualDevice virtualDevice(int ordinal) {
        if (ordinal < 0 || ordinal >= devices.size()) {
            throw CudaResult.INVALID_DEVICE.exception("device " + ordinal + " of " + devices.size());
        }
        return devices.get(ordinal);
    }

    @Override
    public VirtualGpuContext createContext(int ordinal) {
        return new VirtualGpuContext(virtualDevice(ordinal), settings);
    }

    @Override
    public void close() {
        // Contexts stay usable, and the driver itself holds nothing.
    }
}
