package dev.pillion.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code value[start:stop:step]} with Python's rules for negative and missing bounds. */
final class Slices {
    private Slices() {}

    static Object slice(
            Object target, Optional<Long> start, Optional<Long> stop, long step, Budget budget) {
        if (step == 0) {
            throw new Failure("slice step cannot be zero");
        }
        return switch (target) {
            case String s -> text(s, start, stop, step, budget);
            case SafeText s -> new SafeText(text(s.text(), start, stop, step, budget));
            case List<?> l -> elements(Values.list(l), start, stop, step);
            case Tuple t -> new Tuple(elements(t.items(), start, stop, step));
            case Undefined u -> throw u.failure();
            case Map<?, ?> m -> throw new Failure("a dict cannot be sliced");
            default -> throw new Failure("'" + Values.typeName(target) + "' object cannot be sliced");
        };
    }

    private static String text(
            String text, Optional<Long> start, Optional<Long> stop, long step, Budget budget) {
        int length = text.codePointCount(0, text.length());
        if (step == 1) {
            int from = (int) bound(start, length, 0, 0, length);
            int to = (int) Math.max(from, bound(stop, length, length, 0, length));
            int fromOffset = text.offsetByCodePoints(0, from);
            return text.substring(fromOffset, text.offsetByCodePoints(fromOffset, to - from));
        }
        StringBuilder out = new StringBuilder();
        for (Object character : elements(PyText.characters(text, budget), start, stop, step)) {
            out.append((String) character);
        }
        return out.toString();
    }

    private static List<Object> elements(List<Object> items, Optional<Long> start, Optional<Long> stop, long step) {
        int length = items.size();
        List<Object> slice = new ArrayList<>();
        if (step > 0) {
            long to = bound(stop, length, length, 0, length);
            for (long i = bound(start, length, 0, 0, length); i < to; i += Math.min(step, length)) {
                slice.add(items.get((int) i));
            }
        } else {
            long to = bound(stop, length, -1, -1, length - 1);
            for (long i = bound(start, length, length - 1L, -1, length - 1); i > to; i += Math.max(step, -length)) {
                slice.add(items.get((int) i));
            }
        }
        return slice;
    }

    /** A bound counted from the end where negative, then held inside {@code lowest..highest}. */
    private static long bound(Optional<Long> written, int length, long missing, long lowest, long highest) {
        if (written.isEmpty()) {
            return missing;
        }
        long index = written.get() < 0 ? written.get() + length : written.get();
        return Math.clamp(index, lowest, highest);
    }
}
