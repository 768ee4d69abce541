package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.analysis.CalibratedBasis;
import dev.pillion.analysis.CalibrationFile;
import dev.pillion.analysis.CalibrationKeys;
import dev.pillion.model.Model;
import dev.pillion.model.TensorType;
import dev.pillion.scheduler.CountBasis;
import dev.pillion.scheduler.Operation;
import dev.pillion.scheduler.StepTimeModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepTimeSourceTest {
    @TempDir
    Path folder;

    private final FakeBackend backend = new FakeBackend();
    private final Model model = new TinyModel().open();

    private EngineOptions options() {
        return FakeEngine.options().calibrations(folder).build();
    }

    private StepTimeSource find() {
        MemoryPlan plan = FakeEngine.plan(options());
        return StepTimeSource.find(model, backend, options(), plan);
    }

    private Path keep(String models) throws IOException {
        Path file = CalibrationFile.place(folder, CalibrationKeys.device(backend));
        return Files.writeString(file, "{\"bandwidth_gbs\": 1, \"tflops\": 1, \"models\": {" + models + "}}");
    }

    /** Every operation but the attention takes a millisecond for up to four rows, the step half of one besides. */
    private static String times() {
        String operations = Arrays.stream(Operation.values())
                .filter(operation -> operation != Operation.ATTENTION)
                .map(operation -> "\"" + operation + "\": {\"rows\": [4], \"seconds\": [1e-3]}")
                .collect(Collectors.joining(", "));
        return "{\"step_seconds\": 5e-4, \"operations\": {" + operations + "}, \"attention\": {\"step_seconds\": 0, "
                + "\"lengths\": [1], \"segment_seconds\": [0], \"context_seconds\": [0], \"cache_bytes\": [], "
                + "\"byte_seconds\": []}}";
    }

    private String key() {
        return CalibrationKeys.model(model, TensorType.F32);
    }

    @Test
    void aCalibrationOfThisModelOnThisDeviceIsUsed() throws IOException {
        Path file = keep("\"" + key() + "\": " + times());
        StepTimeSource found = find();
        assertThat(found.basis()).isInstanceOf(CalibratedBasis.class);
        assertThat(found.report()).contains("calibrated", file.toString());
        StepTimeModel times = new StepTimeModel(found.basis());
        assertThat(times.predictNanos(times.newBatch().add(10, 1, true))).isBetween(9.49e6, 9.51e6);
    }

    @Test
    void withoutOneTheTimesAreAGuessAndTheReportSaysWhy() throws IOException {
        assertGuess("no calibration of this device");
        Path file = keep("\"another model\": " + times());
        assertGuess("none of this model");
        keep("\"" + key() + "\": {\"step_seconds\": 1, \"operations\": {}, \"attention\": [1, 2, 3, 4, 5, 6]}");
        assertGuess("none of this model");
        keep("\"" + key() + "\": {\"step_seconds\": -1}");
        assertGuess("cannot use the ceilings in " + file);
    }

    private void assertGuess(String why) {
        StepTimeSource found = find();
        assertThat(found.basis()).isInstanceOf(CountBasis.class);
        assertThat(found.report()).contains("guessed", why, "run pillion calibrate");
        StepTimeModel times = new StepTimeModel(found.basis());
        assertThat(times.predictNanos(times.newBatch().add(0, 1, true))).isPositive();
    }

    @Test
    void onlyEnginesThatPredictLookForOne() {
        assertThat(StepTimeSource.isNeeded(options())).isFalse();
        assertThat(StepTimeSource.isNeeded(
                        FakeEngine.options().tbtTarget(Duration.ofMillis(5)).build()))
                .isTrue();
        assertThat(StepTimeSource.isNeeded(
                        FakeEngine.options().queuePolicy("deadline").build()))
                .isTrue();
    }
}
