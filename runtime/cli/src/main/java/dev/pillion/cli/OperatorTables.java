package dev.pillion.cli;

import dev.pillion.simulator.InstanceSpec;
import dev.pillion.simulator.device.AttentionLaunch;
import dev.pillion.simulator.device.GpuInstance;
import dev.pillion.simulator.device.InstanceOptions;
import dev.pillion.simulator.device.MeasuredOperatorTimes;
import dev.pillion.simulator.device.OperatorMeasurements;
import dev.pillion.simulator.device.RooflineOperatorTimes;
import dev.pillion.simulator.plan.InstanceChoice;
import dev.pillion.simulator.plan.SchedulingChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of measured operator times, which take the place of the roofline's.
 *
 * @param files one: an MLP profile of Vidur; three: dense, per-sequence and attention tables of LLMServingSim
 */
record OperatorTables(List<Path> files) {
    /** Checks the number of files. */
    OperatorTables {
        if (files.size() != 1 && files.size() != 3) {
            throw new CliException(ExitCode.USAGE, "--operator-times is " + files.size() + " files; give one, an MLP profile of "
                    + "Vidur, or three, LLMServingSim's dense, per-sequence and attention tables");
        }
        files = List.copyOf(files);
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new CliException(ExitCode.FAILURE, "no such file: " + file);
            }
        }
    }

    /** An instance whose operations take the measured times. */
    InstanceSpec spec(InstanceChoice choice, SchedulingChoice scheduling) {
        boolean profile = files.size() == 1;
        if (choice.quantisation().bitsPerWeight() != 16) {
            throw new CliException(ExitCode.USAGE, "--operator-times were measured with weights of 16 bits, not "
                    + choice.quantisation() + "; leave out --quant, or --operator-times");
        }
        if (!profile && choice.tensorRanks() > 1) {
            throw new CliException(ExitCode.USAGE, "LLMServingSim's tables were made with one rank; leave out --tp, or "
                    + "--operator-times");
        }
        InstanceOptions options = InstanceOptions.DEFAULT
                .stored(choice.quantisation(), choice.kv())
                .parallel(choice.tensorRanks(), choice.pipelineStages())
                .launching(profile ? AttentionLaunch.SEPARATE : AttentionLaunch.MERGED);
        RooflineOperatorTimes roofline = new RooflineOperatorTimes(
                choice.model().rank(choice.tensorRanks()), choice.quantisation(), choice.kv(), choice.device(), options.launch());
        MeasuredOperatorTimes times = profile
                ? MeasuredOperatorTimes.vidur(OperatorMeasurements.vidur(files.getFirst()), choice.tensorRanks(), roofline)
                : MeasuredOperatorTimes.servingSim(
                        OperatorMeasurements.servingSim(files.get(0), files.get(1), files.get(2)), roofline);
        return new InstanceSpec(
                new GpuInstance(choice.model(), choice.device(), options, times), scheduling.settings(choice))
                .withBound(choice.bound());
    }
}
