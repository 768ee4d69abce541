package dev.pillion.cli;

import dev.pillion.PillionException;
import dev.pillion.analysis.CalibrationFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The files of {@code pillion calibrate}. */
final class Calibrations {
    private Calibrations() {}

    /** The folder they are in. */
    static Path folder(CommandContext context) {
        return context.folder("XDG_CONFIG_HOME", ".config").resolve("ceilings");
    }

    /** Reads a file. */
    static CalibrationFile read(Path file) {
        try {
            return CalibrationFile.read(file);
        } catch (PillionException e) {
            throw new CliException(ExitCode.FAILURE, e.getMessage(), e);
        }
    }

    /** Puts a file in place, in one step. */
    static void write(CalibrationFile calibration, Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonOutput.line(new ResultWriter(bytes), calibration.json());
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(fresh, bytes.toByteArray());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
