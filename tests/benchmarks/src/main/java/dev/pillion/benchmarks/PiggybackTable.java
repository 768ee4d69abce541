package dev.pillion.benchmarks;

import dev.pillion.model.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows of {@link PiggybackCost}, for people and for plots. */
final class PiggybackTable {
    private static final String CSV_HEAD = "weights,chunk,decodes,context,repetitions,step_ms,step_ms_p25,step_ms_p75,"
            + "predicted_step_ms,decode_ms,decode_ms_p25,decode_ms_p75,predicted_decode_ms,share,predicted_share";

    private final PiggybackOptions options;
    private final TensorType type;
    private final List<String> csv = new ArrayList<>();

    /**
     * One composition.
     *
     * @param chunk tokens of the chunk, 0 for none
     * @param decodes number of decodes
     * @param step milliseconds of the step
     * @param predictedStep predicted milliseconds of the step
     * @param decode milliseconds one decode adds, or its share of a step of decodes
     * @param predictedDecode the same, predicted
     */
    record Row(int chunk, int decodes, Samples step, double predictedStep, Samples decode, double predictedDecode) {
        String name() {
            String decoding = decodes == 1 ? "1 decode" : decodes + " decodes";
            return chunk == 0 ? decoding : decodes == 0 ? "chunk " + chunk : "chunk " + chunk + " + " + decoding;
        }
    }

    PiggybackTable(PiggybackOptions options, TensorType type) {
        this.options = options;
        this.type = type;
    }

    static String csvHead() {
        return CSV_HEAD;
    }

    /** Prints the rows; shares are of the first row, which is a lone decode. */
    void print(List<Row> rows) {
        System.out.println("| step | ms (P25-P75) | predicted ms | ms per decode (P25-P75) | predicted | share | predicted |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|");
        double alone = rows.getFirst().step().median();
        double predictedAlone = rows.getFirst().predictedStep();
        for (Row row : rows) {
            String step = String.format(
                    Locale.ROOT, "| %s | %s | %.1f |", row.name(), spread(row.step(), 1), row.predictedStep());
            String decode = row.decodes() == 0
                    ? " | | | |"
                    : String.format(
                            Locale.ROOT,
                            " %s | %.2f | %.3f | %.3f |",
                            spread(row.decode(), 2),
                            row.predictedDecode(),
                            row.decode().median() / alone,
                            row.predictedDecode() / predictedAlone);
            System.out.println(step + decode);
            csv.add(csv(row, alone, predictedAlone));
        }
    }

    private static String spread(Samples samples, int digits) {
        String number = "%." + digits + "f";
        return String.format(
                Locale.ROOT,
                number + " (" + number + "-" + number + ")",
                samples.median(),
                samples.quantile(0.25),
                samples.quantile(0.75));
    }

    private String csv(Row row, double alone, double predictedAlone) {
        String step = String.format(
                Locale.ROOT,
                "%s,%d,%d,%d,%d,%.4f,%.4f,%.4f,%.4f",
                type,
                row.chunk(),
                row.decodes(),
                options.context(),
                options.repetitions(),
                row.step().median(),
                row.step().quantile(0.25),
                row.step().quantile(0.75),
                row.predictedStep());
        return row.decodes() == 0
                ? step + ",,,,,,"
                : step + String.format(
                        Locale.ROOT,
                        ",%.4f,%.4f,%.4f,%.4f,%.4f,%.4f",
                        row.decode().median(),
                        row.decode().quantile(0.25),
                        row.decode().quantile(0.75),
                        row.predictedDecode(),
                        row.decode().median() / alone,
                        row.predictedDecode() / predictedAlone);
    }

    List<String> csv() {
        return csv;
    }
}
