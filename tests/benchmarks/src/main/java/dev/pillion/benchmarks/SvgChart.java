package dev.pillion.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plain charts as the pages of docs/performance show them: bars beside each other, or lines over an axis. */
final class SvgChart {
    private static final String OURS = "#2a7";
    private static final String OTHERS = "#888";
    private static final List<String> COLOURS = List.of(OURS, "#555", "#c50", "#06a", "#a3a", "#b90", "#4bb", "#888", "#d55");

    /** A line: a value for each position. */
    record Line(String name, double[] xs, double[] ys) {}

    /** An axis: what it shows, and whether each step of it is a factor. */
    record Axis(String name, boolean isLogarithmic) {}

    private final StringBuilder text = new StringBuilder();

    private SvgChart(int width, int height) {
        text.append(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
                        + "font-size=\"13\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                width, height));
    }

    /** A bar for each value; those whose name begins with {@code sarathi} or {@code migrat} in green. */
    static void bars(Path file, String title, List<String> names, double[] values) throws IOException {
        SvgChart chart = new SvgChart(640, 40 + 30 * names.size());
        chart.text(10, 20, "start", title);
        double most = 0;
        for (double value : values) {
            most = Math.max(most, value);
        }
        for (int i = 0; i < values.length; i++) {
            int y = 32 + 30 * i;
            double width = most > 0 ? 300 * values[i] / most : 0;
            boolean ours = names.get(i).contains("sarathi") || names.get(i).contains("migrat");
            chart.text(250, y + 16, "end", names.get(i));
            chart.line("<rect x=\"260\" y=\"%d\" width=\"%.1f\" height=\"22\" fill=\"%s\"/>", y, width, ours ? OURS : OTHERS);
            chart.text(266 + width, y + 16, "start", number(values[i]));
        }
        chart.write(file);
    }

    /** Lines over one axis, with their names beside them. */
    static void lines(Path file, String title, Axis x, Axis y, List<Line> lines) throws IOException {
        SvgChart chart = new SvgChart(760, 360);
        chart.text(10, 20, "start", title);
        double[] xRange = range(lines, true, x.isLogarithmic());
        double[] yRange = range(lines, false, y.isLogarithmic());
        chart.line("<path d=\"M70 40V310H560\" fill=\"none\" stroke=\"#000\"/>");
        for (double tick : ticks(xRange, x.isLogarithmic())) {
            double at = at(tick, xRange, x.isLogarithmic(), 70, 560);
            chart.line("<path d=\"M%.1f 310v4\" stroke=\"#000\"/>", at);
            chart.text(at, 328, "middle", number(tick));
        }
        for (double tick : ticks(yRange, y.isLogarithmic())) {
            double at = at(tick, yRange, y.isLogarithmic(), 310, 40);
            chart.line("<path d=\"M70 %.1fH560\" stroke=\"#ddd\"/>", at);
            chart.text(64, at + 4, "end", number(tick));
        }
        chart.text(315, 350, "middle", x.name());
        chart.text(70, 36, "start", y.name());
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            String colour = COLOURS.get(i % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (int j = 0; j < line.xs().length; j++) {
                points.append(String.format(
                        Locale.ROOT, "%.1f,%.1f ", at(line.xs()[j], xRange, x.isLogarithmic(), 70, 560),
                        at(line.ys()[j], yRange, y.isLogarithmic(), 310, 40)));
            }
            chart.line(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                    points.toString().strip(), colour);
            chart.line("<rect x=\"575\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>", 50 + 22 * i, colour);
            chart.text(595, 57 + 22 * i, "start", line.name());
        }
        chart.write(file);
    }

    private static double[] range(List<Line> lines, boolean horizontal, boolean logarithmic) {
        double least = logarithmic || horizontal ? Double.POSITIVE_INFINITY : 0;
        double most = Double.NEGATIVE_INFINITY;
        for (Line line : lines) {
            for (double value : horizontal ? line.xs() : line.ys()) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        return new double[] {least, most > least ? most : least + 1};
    }

    private static double at(double value, double[] range, boolean logarithmic, double from, double to) {
        double share = logarithmic
                ? Math.log(value / range[0]) / Math.log(range[1] / range[0])
                : (value - range[0]) / (range[1] - range[0]);
        return from + share * (to - from);
    }

    private static List<Double> ticks(double[] range, boolean logarithmic) {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            boolean wide = range[1] / range[0] > 50;
            for (double tick = Math.pow(10, Math.floor(Math.log10(range[0]))); tick <= range[1] * 1.0001; tick *= 10) {
                for (double factor : wide ? new double[] {1} : new double[] {1, 2, 5}) {
                    if (tick * factor >= range[0] * 0.9999 && tick * factor <= range[1] * 1.0001) {
                        ticks.add(tick * factor);
                    }
                }
            }
            return ticks;
        }
        double step = Math.pow(10, Math.floor(Math.log10(range[1] - range[0])));
        step = (range[1] - range[0]) / step < 3 ? step / 2 : step;
        for (double tick = Math.ceil(range[0] / step) * step; tick <= range[1] * 1.0001; tick += step) {
            ticks.add(tick);
        }
        return ticks;
    }

    /** Three digits that matter, without an exponent. */
    static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 || value == 0 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3g";
        return String.format(Locale.ROOT, format, value);
    }

    private void text(double x, double y, String anchor, String words) {
        String safe = words.replace("&", "&amp;").replace("<", "&lt;");
        line("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, safe);
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void write(Path file) throws IOException {
        Files.writeString(file, text.append("</svg>\n"));
    }
}
