package dev.pillion.simulator;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** All numbers of a report as text, so that two can be compared to the last bit. */
final class Dump {
    private Dump() {
    }

    static String of(Object value) {
        if (value instanceof double[] numbers) {
            return Arrays.toString(numbers);
        }
        if (value instanceof Iterable<?> elements) {
            StringBuilder text = new StringBuilder("[");
            elements.forEach(element -> text.append(of(element)).append('\n'));
            return text.append(']').toString();
        }
        if (!(value instanceof Record)) {
            return String.valueOf(value);
        }
        StringBuilder text = new StringBuilder("{");
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                text.append(component.getName()).append(": ").append(of(component.getAccessor().invoke(value))).append(", ");
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }
        return text.append('}').toString();
    }
}
