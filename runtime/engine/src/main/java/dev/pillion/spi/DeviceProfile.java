package dev.pillion.spi;

import dev.pillion.model.TensorType;
import java.util.List;

/**
 * What the engine has to know of a device before it plans memory.
 *
 * @param kvTypes element types of keys and values that attention reads; the first is the default
 * @param activationBytes bytes of an activation
 * @param freeBytes memory an engine may fill
 * @param ownMemory whether the device has memory of its own: weights are then copied there, and the KV cache takes what
 *     is left; without, weights stay mapped and the KV cache takes what the sequences need
 */
public record DeviceProfile(List<TensorType> kvTypes, int activationBytes, long freeBytes, boolean ownMemory) {
    /** Copies the list. */
    public DeviceProfile {
        kvTypes = List.copyOf(kvTypes);
    }

    /** A device that computes in F32 in the machine's own memory, of which an engine's KV cache may take so much. */
    public static DeviceProfile host(long freeBytes) {
        return new DeviceProfile(List.of(TensorType.F32, TensorType.F16), Float.BYTES, freeBytes, false);
    }
}
