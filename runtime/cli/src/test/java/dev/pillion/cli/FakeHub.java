package dev.pillion.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A hub with one file, and the storage on another origin that it redirects to, as the real one does for large files.
 * Faults are given beforehand and happen one after the other.
 */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String REFERENCE = "hf:org/repo/sub/model.gguf";

    /** A request as it came in. */
    record Request(boolean toStorage, String method, String path, String range, String ifRange, String authorization) {}

    /** What goes wrong with one request. */
    sealed interface Fault {
        /** An error status. */
        record Status(int code) implements Fault {}

        /** The connection ends after some bytes of the body. */
        record CutAfter(int bytes) implements Fault {}

        /** One byte of the body is another. */
        record WrongByte() implements Fault {}

        /** The range is passed over. */
        record WholeFile() implements Fault {}
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    final Queue<Fault> headFaults = new ConcurrentLinkedQueue<>();
    final Queue<Fault> getFaults = new ConcurrentLinkedQueue<>();
    private final HttpServer hub;
    private final HttpServer storage;
    private final byte[] content;
    private final boolean linked;
    private volatile int refusal;

    /**
     * Starts both servers.
     *
     * @param linked whether the file is a large one: kept on the storage, named by its SHA-256
     */
    FakeHub(byte[] content, boolean linked) throws IOException {
        this.content = content;
        this.linked = linked;
        this.hub = serve(exchange -> answerHub(exchange));
        this.storage = serve(exchange -> answerBytes(exchange, true));
    }

    String url() {
        return address(hub);
    }

    /** Every request to the hub is answered with this status from now on. */
    void refuse(int status) {
        refusal = status;
    }

    String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String etag() {
        return linked ? sha256() : "40hexdigitsofgit";
    }

    List<String> gets() {
        return requests.stream()
                .filter(r -> r.method.equals("GET") && r.toStorage == linked)
                .map(r -> r.range)
                .toList();
    }

    @Override
    public void close() {
        hub.stop(0);
        storage.stop(0);
    }

    private void answerHub(HttpExchange exchange) throws IOException {
        if (!linked && exchange.getRequestMethod().equals("GET")) {
            answerBytes(exchange, false);
            return;
        }
        record(exchange, false);
        Headers headers = exchange.getResponseHeaders();
        Fault fault = exchange.getRequestMethod().equals("HEAD") ? headFaults.poll() : null;
        if (refusal != 0 || fault instanceof Fault.Status) {
            int status = fault instanceof Fault.Status(int code) ? code : refusal;
            headers.set("X-Error-Message", "no such thing");
            exchange.sendResponseHeaders(status, -1);
        } else if (linked) {
            headers.set("X-Repo-Commit", COMMIT);
            headers.set("X-Linked-Etag", "\"" + etag() + "\"");
            headers.set("X-Linked-Size", String.valueOf(content.length));
            headers.set("Location", address(storage) + "/bytes");
            exchange.sendResponseHeaders(302, -1);
        } else {
            headers.set("X-Repo-Commit", COMMIT);
            headers.set("ETag", "\"" + etag() + "\"");
            headers.set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
        }
        exchange.close();
    }

    private void answerBytes(HttpExchange exchange, boolean toStorage) throws IOException {
        record(exchange, toStorage);
        Fault fault = getFaults.poll();
        if (fault instanceof Fault.Status(int code)) {
            exchange.sendResponseHeaders(code, -1);
            exchange.close();
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        boolean partial = range != null && !(fault instanceof Fault.WholeFile);
        int start = partial ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
        byte[] body = Arrays.copyOfRange(content, start, content.length);
        if (partial) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + start + "-" + (content.length - 1) + "/" + content.length);
        }
        if (fault instanceof Fault.WrongByte) {
            body[body.length / 2] ^= 1;
        }
        exchange.sendResponseHeaders(partial ? 206 : 200, body.length);
        if (fault instanceof Fault.CutAfter(int bytes)) {
            exchange.getResponseBody().write(body, 0, bytes);
            exchange.getResponseBody().flush();
            throw new IOException("a handler that fails makes the server close the connection");
        }
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
        exchange.close();
    }

    private void record(HttpExchange exchange, boolean toStorage) {
        Headers headers = exchange.getRequestHeaders();
        requests.add(new Request(
                toStorage,
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                text(headers.getFirst("Range")),
                text(headers.getFirst("If-Range")),
                text(headers.getFirst("Authorization"))));
    }

    private static String text(String header) {
        return Objects.requireNonNullElse(header, "");
    }

    private static HttpServer serve(com.sun.net.httpserver.HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
