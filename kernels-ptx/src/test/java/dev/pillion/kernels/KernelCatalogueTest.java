package dev.pillion.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pillion.kernels.driver.GpuContext;
import dev.pillion.kernels.virtual.DeviceModel;
import dev.pillion.kernels.virtual.VirtualGpuDriver;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** The shipped kernels are listed, declared so that they can be launched, and made of instructions that are known. */
class KernelCatalogueTest {
    @Test
    void everyModuleLoadsAndDeclaresItsEntries() {
        try (GpuContext context = VirtualGpuDriver.builder().device(DeviceModel.A100).build().createContext(0)) {
            for (String name : KernelCatalogue.modules()) {
                assertThat(KernelCatalogue.hasModule(name)).isTrue();
                assertThat(KernelCatalogue.entries(name)).as("entries of %s", name).isNotEmpty();
                long module = context.loadModule(name, KernelCatalogue.module(name));
                for (String entry : KernelCatalogue.entries(name)) {
                    assertThat(KernelCatalogue.moduleOf(entry)).isEqualTo(name);
                    assertThat(KernelCatalogue.signature(entry).name()).isEqualTo(entry);
                    assertThat(context.function(module, entry)).isPositive();
                }
                context.unloadModule(module);
            }
        }
    }

    @Test
    void saysWhatThereIs() {
        assertThat(KernelCatalogue.hasModule("nothing")).isFalse();
        assertThat(KernelCatalogue.hasEntry("nothing")).isFalse();
        assertThatThrownBy(() -> KernelCatalogue.module("nothing")).isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no kernel module nothing");
        assertThatThrownBy(() -> KernelCatalogue.signature("nothing")).isInstanceOf(NoSuchElementException.class);
    }
}
