package dev.pillion.cuda;

import dev.pillion.kernels.RowsGeometry;
import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.driver.KernelLaunch;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Activation;
import dev.pillion.spi.AttentionSpec;
import dev.pillion.spi.Rope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Puts the kernels that work on rows of activations on the stream. */
final class RowKernels {
    /** Kernels of a step but those that depend on a weight's type or on the activation. */
    private static final List<String> OPERATIONS =
            List.of("rms_norm", "add_rms_norm", "add", "head_norm", "rope_kv", "gather_rows");

    private final GpuContext context;
    private final KernelCache kernels;
    private final DeviceMemory memory;
    private final String type;
    private final long stream;
    private final RowsGeometry geometry;
    /** By the name of the operation; asking for a kernel by its whole name would put that together in each step. */
    private final Map<String, KernelLaunch> launches = new HashMap<>();

    private final Map<TensorType, KernelLaunch> embeds = new EnumMap<>(TensorType.class);
    private final Map<Rope, Long> frequencies = new IdentityHashMap<>();

    /**
     * Kernels for one type of activations.
     *
     * @param memory gives room for the frequencies of rotations
     */
    RowKernels(GpuContext context, KernelCache kernels, ComputeType compute, DeviceMemory memory, long stream) {
        this.context = context;
        this.kernels = kernels;
        this.memory = memory;
        this.type = compute.suffix();
        this.stream = stream;
        this.geometry = new RowsGeometry(compute.bytes());
    }

    private KernelLaunch kernel(String operation) {
        KernelLaunch known = launches.get(operation);
        if (known == null) {
            known = kernels.launch("rows_" + type, operation + "_" + type);
            launches.put(operation, known);
        }
        return known;
    }

    void embed(CudaWeight table, long tokens, CudaTensor out, int rows) {
        KernelLaunch known = embeds.get(table.type());
        if (known == null) {
            throw new IllegalStateException("no kernel was reserved for " + table.name());
        }
        KernelLaunch launch = known
                .set(0, table.main())
                .set(1, table.scales())
                .set(2, tokens)
                .set(3, out.address())
                .set(4, rows)
                .set(5, table.columns())
                .set(6, table.rows());
        context.launch(geometry.rows(launch, rows), stream);
    }

    void rmsNorm(CudaTensor x, CudaWeight gain, float epsilon, CudaTensor out, int rows) {
        KernelLaunch launch = kernel("rms_norm")
                .set(0, x.address())
                .set(1, gain.main())
                .set(2, epsilon)
                .set(3, out.address())
                .set(4, rows)
                .set(5, x.columns());
        context.launch(geometry.norm(launch, rows, x.columns()), stream);
    }

    void addRmsNorm(
            CudaTensor residual, CudaTensor delta, CudaWeight gain, float epsilon, CudaTensor out, int rows) {
        KernelLaunch launch = kernel("add_rms_norm")
                .set(0, residual.address())
                .set(1, delta.address())
                .set(2, gain.main())
                .set(3, epsilon)
                .set(4, out.address())
                .set(5, rows)
                .set(6, residual.columns());
        context.launch(geometry.norm(launch, rows, residual.columns()), stream);
    }

    void add(CudaTensor residual, CudaTensor delta, int rows) {
        long count = (long) rows * residual.columns();
        KernelLaunch launch =
                kernel("add").set(0, residual.address()).set(1, delta.address()).set(2, count);
        context.launch(geometry.flat(launch, count), stream);
    }

    void headNorm(CudaTensor x, int heads, CudaWeight gain, float epsilon, int rows) {
        KernelLaunch launch = kernel("head_norm")
                .set(0, x.address())
                .set(1, gain.main())
                .set(2, epsilon)
                .set(3, rows)
                .set(4, heads)
                .set(5, x.columns() / heads);
        context.launch(geometry.headNorm(launch, rows, heads), stream);
    }

    void ropeAndWriteKv(
            CudaTensor q,
            CudaTensor k,
            CudaTensor v,
            Rope rope,
            AttentionSpec spec,
            CudaStep step,
            StepMetadata metadata) {
        CudaKvPool pool = step.pool();
        int rows = step.padded(step.tokens());
        KernelLaunch launch = kernel("rope_kv")
                .set(0, q.address())
                .set(1, k.address())
                .set(2, v.address())
                .set(3, frequencies(rope))
                .set(4, rope.magnitude())
                .set(5, rope.pairs())
                .set(6, rope.pairing() == Rope.Pairing.ADJACENT ? 1 : 0)
                .set(7, metadata.positions())
                .set(8, metadata.slots())
                .set(9, pool.address())
                .set(10, pool.blockStride())
                .set(11, pool.layerOffset(spec.layer()))
                .set(12, pool.layout().blockTokens())
                .set(13, rows)
                .set(14, spec.heads())
                .set(15, spec.kvHeads())
                .set(16, spec.headDim());
        context.launch(geometry.ropeKv(launch, rows, rope.pairs()), stream);
    }

    /** Looks up the kernel that reads rows of a table, before the first step. */
    void reserve(CudaWeight table) {
        if (!embeds.containsKey(table.type())) {
            embeds.put(table.type(), kernel("embed_" + WeightLayout.of(table.type()).orElseThrow().suffix()));
        }
    }

    /** Looks up the kernels of steps and puts a rotation's frequencies on the device, before the first step. */
    void reserve(Rope rope) {
        for (String operation : OPERATIONS) {
            kernel(operation);
        }
        for (Activation activation : Activation.values()) {
            kernel(gate(activation));
        }
        frequencies(rope);
    }

    private static String gate(Activation activation) {
        return switch (activation) {
            case SILU -> "gated_silu";
        };
    }

    private long frequencies(Rope rope) {
        Long known = frequencies.get(rope);
        if (known != null) {
            return known;
        }
        long bytes = (long) Float.BYTES * rope.pairs();
        MemorySegment values = memory.allocateHost(bytes);
        for (int i = 0; i < rope.pairs(); i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, rope.inverseFrequency(i));
        }
        long address = memory.allocate(bytes);
        context.copyToDevice(address, values, stream);
        frequencies.put(rope, address);
        return address;
    }

    void gate(Activation activation, CudaTensor gate, CudaTensor up, CudaTensor out, int rows) {
        long count = (long) rows * gate.columns();
        KernelLaunch launch = kernel(gate(activation))
                .set(0, gate.address())
                .set(1, up.address())
                .set(2, out.address())
                .set(3, count);
        context.launch(geometry.flat(launch, count), stream);
    }

    void gather(CudaTensor in, long indices, CudaTensor out, int rows) {
        KernelLaunch launch = kernel("gather_rows")
                .set(0, in.address())
                .set(1, indices)
                .set(2, out.address())
                .set(3, rows)
                .set(4, in.columns());
        context.launch(geometry.rows(launch, rows), stream);
    }
}
