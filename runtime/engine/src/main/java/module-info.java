/**
 * The product's front door and its heart: the public Java API ({@code dev.pillion}), the backend SPI
 * ({@code dev.pillion.spi}), the one forward pass that follows a model's description, the sampler, and the engine loop
 * that turns plans into tokens. Backends implement the SPI and are found by ServiceLoader; the engine never names one.
 */
module dev.pillion {
    requires transitive dev.pillion.model;
    requires transitive dev.pillion.scheduler;
    requires jdk.jfr;
    requires jdk.management;
    requires static org.jspecify;

    exports dev.pillion;
    exports dev.pillion.metrics;
    exports dev.pillion.sampling;
    exports dev.pillion.spi;

    uses dev.pillion.spi.BackendProvider;
}
