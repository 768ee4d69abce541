package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.EngineOptions;
import dev.pillion.PillionException;
import dev.pillion.spi.Backend;
import dev.pillion.spi.BackendOptions;
import dev.pillion.spi.BackendProvider;
import dev.pillion.spi.BackendUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendSelectionTest {
    private final FakeBackend opened = new FakeBackend();
    private final BackendProvider absent = provider("cuda", new BackendProvider.Availability.Unavailable("no libcuda.so.1"));
    private final BackendProvider failing = new Provider("cuda", new BackendProvider.Availability.Available("H200")) {
        @Override
        public Backend open(BackendOptions options) {
            throw new BackendUnavailableException("device 0 is in exclusive use");
        }
    };
    private final BackendProvider cpu = provider("cpu", new BackendProvider.Availability.Available("4 threads"));

    private BackendProvider provider(String name, BackendProvider.Availability availability) {
        return new Provider(name, availability) {
            @Override
            public Backend open(BackendOptions options) {
                return opened;
            }
        };
    }

    private abstract static class Provider implements BackendProvider {
        private final String name;
        private final Availability availability;

        Provider(String name, Availability availability) {
            this.name = name;
            this.availability = availability;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return 0;
        }

        @Override
        public Availability probe(BackendOptions options) {
            return availability;
        }
    }

    @Test
    void theFirstThatWorksIsTakenAndTheOthersAreNamed() {
        BackendSelection selection = BackendSelection.select(List.of(absent, cpu), EngineOptions.defaults());
        assertThat(selection.backend()).isSameAs(opened);
        assertThat(selection.report())
                .startsWith("backend ")
                .endsWith("; passed over: cuda (no libcuda.so.1)");
        assertThat(BackendSelection.select(List.of(cpu, absent), EngineOptions.defaults()).report())
                .doesNotContain("passed over");
    }

    @Test
    void aBackendThatDoesNotOpenAfterAllIsPassedOver() {
        BackendSelection selection = BackendSelection.select(List.of(failing, cpu), EngineOptions.defaults());
        assertThat(selection.backend()).isSameAs(opened);
        assertThat(selection.report()).endsWith("; passed over: cuda (device 0 is in exclusive use)");
    }

    @Test
    void strictAndNamedBackendsAreNotReplaced() {
        EngineOptions strict = EngineOptions.builder().strict(true).build();
        EngineOptions named = EngineOptions.builder().backend("cuda").build();
        for (BackendProvider first : List.of(absent, failing)) {
            for (EngineOptions options : List.of(strict, named)) {
                assertThatThrownBy(() -> BackendSelection.select(List.of(first, cpu), options))
                        .isInstanceOfSatisfying(
                                PillionException.class,
                                e -> assertThat(e.code()).isEqualTo(PillionException.Code.NO_BACKEND))
                        .hasMessageContaining("cuda (");
            }
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> BackendSelection.select(
                        List.of(absent, cpu), EngineOptions.builder().backend("rocm").build()))
                .hasMessage("there is no backend \"rocm\"; on the class or module path are: cuda, cpu");
    }
}
