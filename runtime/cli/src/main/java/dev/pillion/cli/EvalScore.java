package dev.pillion.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts right answers by task and label, in the order in which they first come up. */
final class EvalScore {
    /** Right answers of how many. */
    private static final class Count {
        private int right;
        private int total;

        void add(boolean isRight) {
            right += isRight ? 1 : 0;
            total++;
        }

        Map<String, Object> json(Map<String, Object> into) {
            into.put("right", right);
            into.put("total", total);
            into.put("accuracy", accuracy());
            return into;
        }

        double accuracy() {
            return total == 0 ? 0 : (double) right / total;
        }
    }

    private final Count all = new Count();
    private final Map<String, Count> tasks = new LinkedHashMap<>();
    private final Map<String, Map<String, Count>> labels = new LinkedHashMap<>();

    void add(EvalTask task, boolean isRight) {
        all.add(isRight);
        tasks.computeIfAbsent(task.task(), name -> new Count()).add(isRight);
        labels.computeIfAbsent(task.task(), name -> new LinkedHashMap<>())
                .computeIfAbsent(task.label(), name -> new Count())
                .add(isRight);
    }

    int right() {
        return all.right;
    }

    int total() {
        return all.total;
    }

    void print(ResultWriter out) {
        out.line("| task | label | right | total | accuracy |");
        out.line("|---|---|---:|---:|---:|");
        tasks.forEach((task, count) -> {
            labels.getOrDefault(task, Map.of()).forEach((label, part) -> row(out, task, label, part));
            row(out, task, "(all)", count);
        });
        row(out, "(all)", "(all)", all);
        out.flush();
    }

    Map<String, Object> json(String model) {
        List<Map<String, Object>> list = new ArrayList<>();
        tasks.forEach((task, count) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("task", task);
            count.json(entry);
            List<Map<String, Object>> parts = new ArrayList<>();
            labels.getOrDefault(task, Map.of()).forEach((label, part) -> {
                Map<String, Object> labelled = new LinkedHashMap<>();
                labelled.put("label", label);
                parts.add(part.json(labelled));
            });
            entry.put("labels", parts);
            list.add(entry);
        });
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        all.json(json);
        json.put("tasks", list);
        return json;
    }

    private static void row(ResultWriter out, String task, String label, Count count) {
        out.line(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | %.1f %% |",
                Printable.of(task),
                Printable.of(label),
                count.right,
                count.total,
                100 * count.accuracy()));
    }
}
