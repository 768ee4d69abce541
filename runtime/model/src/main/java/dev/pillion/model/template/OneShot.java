package dev.pillion.model.template;

import java.util.List;

/**
 * What {@code map}, {@code select} and their like return: elements that can be walked once. As a Python generator it is
 * always true and has no length.
 */
final class OneShot {
    private List<Object> rest;

    OneShot(List<Object> elements) {
        this.rest = elements;
    }

    List<Object> drain() {
        List<Object> elements = rest;
        rest = List.of();
        return elements;
    }
}
