package dev.pillion.analysis;

import dev.pillion.model.Model;
import dev.pillion.model.Tensor;
import dev.pillion.model.TensorType;
import dev.pillion.spi.Backend;
import java.util.Locale;

/** Names under which measurements are kept: a change of what was measured changes its name. */
public final class CalibrationKeys {
    private static final int LONGEST = 120;

    private CalibrationKeys() {}

    /** A device: the backend with its kernels and threads, and the processor. */
    public static String device(Backend backend) {
        String name = (backend.description() + " " + HostDevice.processorName()).toLowerCase(Locale.ROOT);
        String slug = name.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return slug.length() <= LONGEST
                ? slug
                : slug.substring(0, LONGEST) + "-" + Integer.toHexString(name.hashCode());
    }

    /** A model as it is stored, with a type of KV cache. */
    public static String model(Model model, TensorType kvType) {
        long parameters = model.tensors().values().stream().mapToLong(Tensor::elements).sum();
        long bytes = model.tensors().values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
        return model.description().name() + ", " + parameters + " parameters, " + bytes + " bytes, KV " + kvType;
    }
}
