package dev.pillion.model.template;

/** Text that grows under the limits of a render. */
final class TextBuffer {
    private final Budget budget;
    private final StringBuilder text = new StringBuilder();

    TextBuffer(Budget budget) {
        this.budget = budget;
    }

    TextBuffer append(String part) {
        budget.text(part.length(), (long) text.length() + part.length());
        text.append(part);
        return this;
    }

    TextBuffer append(char c) {
        budget.text(1, text.length() + 1L);
        text.append(c);
        return this;
    }

    TextBuffer repeat(String part, long times) {
        if (times > 0 && !part.isEmpty()) {
            long added = part.length() > Long.MAX_VALUE / times ? Long.MAX_VALUE / 2 : part.length() * times;
            budget.text(added, text.length() + added);
            text.repeat(part, (int) times);
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
