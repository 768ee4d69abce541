package dev.pillion.memory;

import java.util.List;

/**
 * What one budget and those below it held at one moment: the rows of the memory plan.
 *
 * @param name the budget's own name
 * @param reservationBytes bytes its parent keeps for it, used or not
 * @param limitBytes most it may use; {@link MemoryBudget#UNLIMITED} for no limit of its own
 * @param usedBytes bytes in use here and below, counting the reservations of children as used
 * @param peakBytes highest {@code usedBytes} so far
 * @param children budgets below, in the order they were made
 */
public record BudgetReport(
        String name,
        long reservationBytes,
        long limitBytes,
        long usedBytes,
        long peakBytes,
        List<BudgetReport> children) {

    /** Takes a copy of {@code children}. */
    public BudgetReport {
        children = List.copyOf(children);
    }

    /** The tree as aligned text, one line per budget, children indented under their parent. */
    public String render() {
        StringBuilder text = new StringBuilder();
        text.append("%-28s %14s %14s %14s %14s%n".formatted("budget", "used", "peak", "reserved", "limit"));
        render(text, 0);
        return text.toString();
    }

    private void render(StringBuilder text, int depth) {
        text.append("%-28s %14s %14s %14s %14s%n".formatted(
                "  ".repeat(depth) + name,
                ByteCount.text(usedBytes),
                ByteCount.text(peakBytes),
                ByteCount.text(reservationBytes),
                ByteCount.text(limitBytes)));
        for (BudgetReport child : children) {
            child.render(text, depth + 1);
        }
    }
}
