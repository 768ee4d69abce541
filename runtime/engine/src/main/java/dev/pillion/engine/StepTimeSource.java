package dev.pillion.engine;

import dev.pillion.EngineOptions;
import dev.pillion.MemoryPlan;
import dev.pillion.PillionException;
import dev.pillion.analysis.CalibratedBasis;
import dev.pillion.analysis.CalibrationFile;
import dev.pillion.analysis.CalibrationKeys;
import dev.pillion.analysis.ModelShapes;
import dev.pillion.analysis.StepTimes;
import dev.pillion.model.Model;
import dev.pillion.scheduler.CostModel;
import dev.pillion.scheduler.CountBasis;
import dev.pillion.scheduler.StepTimeBasis;
import dev.pillion.spi.Backend;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the first predictions of step times come from: a calibration of this model on this device where one is kept, else
 * a guess. Either way the model of step times is refitted with every step.
 *
 * @param basis what to predict from
 * @param report which it is and why, for people
 */
record StepTimeSource(StepTimeBasis basis, String report) {
    private static final System.Logger LOG = System.getLogger(StepTimeSource.class.getName());

    /**
     * What a step costs before any was measured, from the bytes of the weights alone: reading them at 20 GB/s, and a tenth of
     * that for each token. Only the order of magnitude matters.
     */
    private static final double READ_BYTES_PER_NANO = 20;

    private static final double TOKENS_PER_READ = 10;

    /** Looks for a calibration. */
    static StepTimeSource find(Model model, Backend backend, EngineOptions options, MemoryPlan plan) {
        Path folder = options.calibrations().orElseGet(CalibrationFile::standardFolder);
        Path file = CalibrationFile.place(folder, CalibrationKeys.device(backend));
        try {
            if (!Files.isRegularFile(file)) {
                return guess(plan, "no calibration of this device in " + folder);
            }
            StepTimes times = CalibrationFile.read(file).models().get(CalibrationKeys.model(model, plan.kvType()));
            if (times == null) {
                return guess(plan, "none of this model in " + file);
            }
            CostModel cost = new CostModel(ModelShapes.of(model, plan.kvType()));
            return new StepTimeSource(new CalibratedBasis(times, cost), "step times calibrated by " + file);
        } catch (PillionException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.WARNING, "step times are a guess: " + e.getMessage());
            return guess(plan, String.valueOf(e.getMessage()));
        }
    }

    /** Rough times by the size of the weights. */
    static StepTimeSource guess(MemoryPlan plan, String why) {
        double read = plan.weightBytes() / READ_BYTES_PER_NANO;
        return new StepTimeSource(
                new CountBasis(read, read / TOKENS_PER_READ, 0, 0),
                "step times guessed until measured (" + why + "; run pillion calibrate)");
    }

    /** Whether an engine with these options predicts step times at all. */
    static boolean isNeeded(EngineOptions options) {
        return options.tbtTarget().isPresent() || SchedulerSetup.TIMED_POLICIES.contains(options.queuePolicy());
    }
}
