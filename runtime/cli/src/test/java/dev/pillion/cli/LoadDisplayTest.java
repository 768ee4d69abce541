package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Progress of loading is shown to people at a terminal who have to wait, and to nobody else. */
class LoadDisplayTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;
    private final StringWriter err = new StringWriter();

    private CommandContext context(boolean terminal) {
        return new CommandContext(
                new ResultWriter(new ByteArrayOutputStream()),
                new PrintWriter(err),
                InputStream.nullInputStream(),
                Map.of(),
                terminal,
                terminal);
    }

    private String load(LoadDisplay display) {
        try (display) {
            display.loaded(1 << 20, 4 << 20);
            display.loaded(3 << 20, 4 << 20);
            display.loaded(4 << 20, 4 << 20);
        }
        return err.toString();
    }

    @Test
    void showsWhatHasCome() {
        assertThat(load(new LoadDisplay(context(true), false, 0)))
                .contains("weights", "of 4.0 MiB (100 %)", "[========================]")
                .endsWith(System.lineSeparator());
    }

    @Test
    void keepsSilentWhereNobodyWaits() {
        assertThat(load(new LoadDisplay(context(true), false, HOUR_NANOS))).isEmpty();
        assertThat(load(new LoadDisplay(context(true), true, 0))).isEmpty();
        assertThat(load(new LoadDisplay(context(false), false, 0))).isEmpty();
    }

    @Test
    void leavesTheLineWhereLoadingFails() {
        try (LoadDisplay display = new LoadDisplay(context(true), false, 0)) {
            display.loaded(1 << 20, 4 << 20);
        }
        assertThat(err.toString()).contains("(25 %)").endsWith(System.lineSeparator());
    }
}
