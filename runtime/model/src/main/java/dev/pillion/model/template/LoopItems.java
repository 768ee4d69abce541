package dev.pillion.model.template;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The elements of one loop. A loop's filter is asked only when an element is needed, because its answer may depend on
 * what the body did before.
 */
final class LoopItems implements Iterator<Object> {
    private final List<Object> elements;
    private final Predicate<Object> accepts;
    private final Deque<Object> ahead = new ArrayDeque<>();
    private int at;

    /**
     * Walks a copy of the elements.
     *
     * @param elements copied, since the body may change the list it walks
     * @param accepts the loop's filter
     */
    LoopItems(List<Object> elements, Predicate<Object> accepts) {
        this.elements = List.copyOf(elements);
        this.accepts = accepts;
    }

    @Override
    public boolean hasNext() {
        look(1);
        return !ahead.isEmpty();
    }

    @Override
    public Object next() {
        look(1);
        return ahead.removeFirst();
    }

    Object peek() {
        look(1);
        return ahead.getFirst();
    }

    /** How many elements are still to come; asks the filter about all of them. */
    int remaining() {
        look(Integer.MAX_VALUE);
        return ahead.size();
    }

    private void look(int count) {
        while (ahead.size() < count && at < elements.size()) {
            Object element = elements.get(at++);
            if (accepts.test(element)) {
                ahead.addLast(element);
            }
        }
    }
}
