package dev.pillion.kernels.virtual;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Objects of a context by their handles. No handle is used twice, in no context. */
final class Handles<T> {
    private static final AtomicLong NEXT = new AtomicLong(0x5000);

    private final Map<Long, T> objects = new ConcurrentHashMap<>();
    private final String kind;

    Handles(String kind) {
        this.kind = kind;
    }

    long add(T object) {
        long handle = NEXT.addAndGet(16);
        objects.put(handle, object);
        return handle;
    }

    void add(long handle, T object) {
        objects.put(handle, object);
    }

    T get(long handle) {
        T object = objects.get(handle);
        if (object == null) {
            throw CudaResult.INVALID_HANDLE.exception(kind + " 0x" + Long.toHexString(handle));
        }
        return object;
    }

    T remove(long handle) {
        T object = get(handle);
        objects.remove(handle);
        return object;
    }

    void clear() {
        objects.clear();
    }

    List<T> all() {
        return new ArrayList<>(objects.values());
    }
}
