package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Rows as Markdown: a table for each stage, of the columns that any of its rows fills. */
final class ResultTable {
    private static final List<String> FACTS =
            List.of(EnvironmentStage.DATE, EnvironmentStage.COMMIT, EnvironmentStage.GPU, EnvironmentStage.DRIVER);

    private static final String[] COLUMNS = {
        "what", "shape", "value", "unit", "ceiling", "share", "target", "met", "peer", "note"
    };
    private static final String[] RULES = {
        "---", "---", "---:", "---", "---:", "---:", "---", "---", "---", "---"
    };

    private ResultTable() {}

    /** The page. */
    static String of(List<ResultRow> rows, String command) {
        StringBuilder page = new StringBuilder("# GPU results\n\n");
        for (String fact : FACTS) {
            rows.stream()
                    .filter(row -> row.stage().equals(EnvironmentStage.NAME) && row.name().equals(fact))
                    .forEach(row -> page.append("- ").append(fact).append(": ").append(row.note()).append('\n'));
        }
        page.append("- command: `").append(command).append("`\n");
        long failed = rows.stream().filter(row -> !row.passed().orElse(true)).count();
        long skipped = rows.stream().filter(row -> row.note().startsWith("skipped: ")).count();
        page.append("- rows: ").append(rows.size()).append("; failed or short of their target: ").append(failed);
        page.append("; skipped: ").append(skipped).append('\n');
        for (String stage : rows.stream().map(ResultRow::stage).distinct().toList()) {
            page.append("\n## ").append(stage).append("\n\n");
            table(page, rows.stream().filter(row -> row.stage().equals(stage)).map(ResultTable::cells).toList());
        }
        return page.toString();
    }

    private static void table(StringBuilder page, List<String[]> rows) {
        boolean[] filled = new boolean[COLUMNS.length];
        for (int c = 0; c < filled.length; c++) {
            int column = c;
            filled[c] = rows.stream().anyMatch(cells -> !cells[column].isEmpty());
        }
        line(page, COLUMNS, filled);
        line(page, RULES, filled);
        rows.forEach(cells -> line(page, cells, filled));
    }

    private static void line(StringBuilder page, String[] cells, boolean[] filled) {
        page.append('|');
        for (int c = 0; c < cells.length; c++) {
            if (filled[c]) {
                String cell = cells[c].replace("|", "\\|").replace('\n', ' ');
                page.append(' ').append(cell).append(cell.isEmpty() ? "|" : " |");
            }
        }
        page.append('\n');
    }

    private static String[] cells(ResultRow row) {
        String share = row.share().isPresent() ? String.format(Locale.ROOT, "%.1f %%", 100 * row.share().getAsDouble()) : "";
        String ceiling = number(row.ceiling()) + (row.ceilingUnit().isEmpty() ? "" : " " + row.ceilingUnit());
        String met = row.passed().map(passed -> passed ? "yes" : "**no**").orElse("");
        return new String[] {
            row.name(), row.shape(), number(row.value()), row.unit(), ceiling, share, row.target(), met, row.peer(), row.note()
        };
    }

    /** Four digits where there are fractions, all digits of whole numbers beyond. */
    private static String number(OptionalDouble number) {
        if (number.isEmpty()) {
            return "";
        }
        double value = number.getAsDouble();
        if (Math.abs(value) >= 1000 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        String text = String.format(Locale.ROOT, "%.4g", value);
        return text.contains(".") && !text.contains("e") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
