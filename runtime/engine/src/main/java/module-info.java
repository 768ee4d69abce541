/**
 * The product's front door and its heart: the public Java API ({@code dev.pillion}), the backend SPI
 * ({@code dev.pillion.spi}), the one forward pass that follows a model's description, the sampler, the engine loop
 * that turns plans into tokens, and the analysis of what a model costs on a device ({@code dev.pillion.analysis}).
 * Backends implement the SPI and are found by ServiceLoader; the engine never names one.
 */
module dev.pillion {
    requires transitive dev.pillion.model;
    requires transitive dev.pillion.scheduler;
    requires jdk.jfr;
    requires jdk.management;
    requires static org.jspecify;

    exports dev.pillion;
    exports dev.pillion.analysis;
    exports dev.pillion.metrics;
    exports dev.pillion.sampling;
    exports dev.pillion.spi;

    uses dev.pillion.spi.BackendProvider;
}
