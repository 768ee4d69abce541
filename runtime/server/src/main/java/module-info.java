/**
 * The OpenAI-compatible HTTP server. It translates requests to the engine's API and holds no inference logic. It is
 * empty until the server is built.
 */
module dev.pillion.server {
    requires dev.pillion;
}
