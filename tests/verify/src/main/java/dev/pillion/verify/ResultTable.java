package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Rows as Markdown: a table for each stage. */
final class ResultTable {
    private static final List<String> FACTS =
            List.of(EnvironmentStage.DATE, EnvironmentStage.COMMIT, EnvironmentStage.GPU, EnvironmentStage.DRIVER);

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
        for (String stage : rows.stream().map(ResultRow::stage).distinct().toList()) {
            page.append("\n## ").append(stage).append("\n\n");
            page.append("| what | shape | value | unit | ceiling | share | target | met | peer | note |\n");
            page.append("|---|---|---:|---|---:|---:|---|---|---|---|\n");
            rows.stream().filter(row -> row.stage().equals(stage)).forEach(row -> line(page, row));
        }
        return page.toString();
    }

    private static void line(StringBuilder page, ResultRow row) {
        String share = row.share().isPresent() ? String.format(Locale.ROOT, "%.1f %%", 100 * row.share().getAsDouble()) : "";
        String ceiling = number(row.ceiling()) + (row.ceilingUnit().isEmpty() ? "" : " " + row.ceilingUnit());
        String met = row.passed().map(passed -> passed ? "yes" : "**no**").orElse("");
        String[] cells = {
            row.name(), row.shape(), number(row.value()), row.unit(), ceiling, share, row.target(), met, row.peer(), row.note()
        };
        page.append('|');
        for (String cell : cells) {
            page.append(' ').append(cell.replace("|", "\\|").replace('\n', ' ')).append(cell.isEmpty() ? "|" : " |");
        }
        page.append('\n');
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
