package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import dev.pillion.benchmarks.gpu.ResultRows;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs one test class and writes one row: how many of its tests passed. Failures go to stdout with their stack traces. */
final class RunTests {
    private static final int LONGEST_MESSAGE = 300;

    private int passed;
    private int failed;
    private int skipped;
    private String firstFailure = "";

    private RunTests() {}

    /** Arguments: file for the row, name of the row, test class. Exit code 1 unless a test passed and none failed. */
    public static void main(String[] args) {
        RunTests tests = new RunTests();
        long start = System.nanoTime();
        tests.run(args[2]);
        ResultRow row = tests.row(args[1], (System.nanoTime() - start) / 1e9);
        System.out.println(args[2] + ": " + row.note());
        new ResultRows(Path.of(args[0])).add(row);
        System.exit(row.passed().orElse(false) ? 0 : 1);
    }

    private void run(String testClass) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(testClass))
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionSkipped(TestIdentifier test, String reason) {
                skipped++;
            }

            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                count(test, result);
            }
        });
    }

    /** A container counts only if it fails, for example in a method that runs before all tests. */
    private void count(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
            case ABORTED -> skipped += test.isTest() ? 1 : 0;
            case FAILED -> {
                failed++;
                System.out.println("FAILED " + test.getUniqueId());
                result.getThrowable().ifPresent(failure -> {
                    failure.printStackTrace(System.out);
                    if (firstFailure.isEmpty()) {
                        firstFailure = test.getDisplayName() + ": " + shortened(String.valueOf(failure.getMessage()));
                    }
                });
            }
        }
    }

    private ResultRow row(String name, double seconds) {
        String counts = String.format(
                Locale.ROOT, "%d passed, %d failed, %d skipped in %.1f s", passed, failed, skipped, seconds);
        return ResultRow.of(ConformanceStage.NAME, name, "", passed, "tests")
                .target("", Optional.of(failed == 0 && passed > 0))
                .withNote(firstFailure.isEmpty() ? counts : counts + "; first failure: " + firstFailure);
    }

    private static String shortened(String message) {
        String line = message.replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
