package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.cli.FakeHub.Fault;
import dev.pillion.cli.TestCommand.Run;
import dev.pillion.cli.hub.HubEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullCommandTest {
    private static final int LENGTH = 300_000;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[LENGTH];
    private Path repository;

    @BeforeEach
    void fillContent() {
        new SplittableRandom(7).nextBytes(content);
        repository = folder.resolve("hub/models--org--repo");
    }

    private Run pull(FakeHub hub, String... more) {
        return pull(new TestCommand(folder), hub, more);
    }

    private Run pull(TestCommand command, FakeHub hub, String... more) {
        String[] args = Stream.concat(
                        Stream.of("pull", "--endpoint", hub.url(), "--retry-wait", "0", "--retries", "3"),
                        Stream.of(more))
                .toArray(String[]::new);
        return command.with("HF_HUB_CACHE", folder.resolve("hub").toString()).run(args);
    }

    @Test
    void fetchesIntoTheLayoutOfTheHubCache() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.err()).contains("SHA-256 checked");
            assertThat(run.code()).isZero();
            Path snapshot = repository.resolve("snapshots").resolve(FakeHub.COMMIT).resolve("sub/model.gguf");
            assertThat(run.out()).isEqualTo(snapshot + "\n");
            assertThat(snapshot).hasBinaryContent(content);
            assertThat(Files.readSymbolicLink(snapshot)).isEqualTo(Path.of("../../../blobs").resolve(hub.sha256()));
            assertThat(repository.resolve("refs/main")).hasContent(FakeHub.COMMIT);
            try (Stream<Path> blobs = Files.list(repository.resolve("blobs"))) {
                assertThat(blobs).containsExactly(repository.resolve("blobs").resolve(hub.sha256()));
            }
        }
    }

    @Test
    void asksOnlyWhatTheFileIsWhenItIsThere() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            pull(hub, FakeHub.REFERENCE);
            hub.requests.clear();
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(run.err()).contains("was there");
            assertThat(hub.requests).extracting(FakeHub.Request::method).containsExactly("HEAD");
        }
    }

    @Test
    void sendsTheTokenToTheHubAndNobodyElse() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Run run = pull(new TestCommand(folder).with("HF_TOKEN", "hf_secret"), hub, FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(hub.requests).filteredOn(r -> !r.toStorage()).hasSize(2)
                    .allMatch(r -> r.authorization().equals("Bearer hf_secret"));
            assertThat(hub.requests).filteredOn(FakeHub.Request::toStorage).hasSize(1)
                    .allMatch(r -> r.authorization().isEmpty());
            assertThat(run.out() + run.err()).doesNotContain("hf_secret");
        }
    }

    @Test
    void asksForTheRevision() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            pull(hub, FakeHub.REFERENCE + "@refs/pr/1");
            assertThat(hub.requests.getFirst().path()).isEqualTo("/org/repo/resolve/refs%2Fpr%2F1/sub/model.gguf");
            assertThat(repository.resolve("refs/refs/pr/1")).hasContent(FakeHub.COMMIT);
        }
    }

    @Test
    void goesOnWhereTheConnectionBroke() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.getFaults.add(new Fault.CutAfter(100_000));
            hub.getFaults.add(new Fault.Status(503));
            hub.getFaults.add(new Fault.CutAfter(50_000));
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.err()).contains("trying again");
            assertThat(run.code()).isZero();
            assertThat(Path.of(run.out().strip())).hasBinaryContent(content);
            List<String> ranges = hub.gets();
            assertThat(ranges).hasSize(4);
            assertThat(ranges.get(0)).isEmpty();
            assertThat(ranges.get(1)).startsWith("bytes=").isEqualTo(ranges.get(2));
            assertThat(start(ranges.get(3))).isGreaterThan(start(ranges.get(1)));
        }
    }

    private static int start(String range) {
        return Integer.parseInt(range.replaceAll("\\D", ""));
    }

    @Test
    void keepsWhatItHasWhenItGivesUpAndGoesOnNextTime() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            for (int i = 0; i < 4; i++) {
                hub.getFaults.add(new Fault.CutAfter(20_000));
            }
            Run first = pull(hub, FakeHub.REFERENCE);
            assertThat(first.code()).isEqualTo(1);
            assertThat(first.out()).isEmpty();
            assertThat(first.err()).contains("after 4 tries").contains("run the command again");
            assertThat(repository.resolve("snapshots")).doesNotExist();
            assertThat(repository.resolve("blobs").resolve(hub.sha256())).doesNotExist();
            hub.requests.clear();
            Run second = pull(hub, FakeHub.REFERENCE);
            assertThat(second.code()).isZero();
            assertThat(Path.of(second.out().strip())).hasBinaryContent(content);
            assertThat(start(hub.gets().getFirst())).isPositive();
        }
    }

    @Test
    void startsOverWhereTheServerKnowsNoRanges() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.getFaults.add(new Fault.CutAfter(100_000));
            hub.getFaults.add(new Fault.WholeFile());
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(Path.of(run.out().strip())).hasBinaryContent(content);
        }
    }

    @Test
    void throwsAwayBytesWithAWrongChecksum() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.getFaults.add(new Fault.WrongByte());
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains(hub.sha256()).contains("thrown away");
            assertThat(repository.resolve("snapshots")).doesNotExist();
            assertThat(repository.resolve("blobs").resolve(hub.sha256())).doesNotExist();
            assertThat(pull(hub, FakeHub.REFERENCE).code()).isZero();
        }
    }

    @Test
    void startsOverWhenAResumedFileIsWrong() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Path part = repository.resolve("blobs").resolve(hub.sha256() + ".part");
            Files.createDirectories(part.getParent());
            Files.write(part, new byte[1000]);
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.err()).contains("starting over");
            assertThat(run.code()).isZero();
            assertThat(Path.of(run.out().strip())).hasBinaryContent(content);
            assertThat(hub.gets()).containsExactly("bytes=1000-", "");
        }
    }

    @Test
    void leavesAFileAloneThatAnotherPullIsFetching() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Path part = repository.resolve("blobs").resolve(hub.sha256() + ".part");
            Files.createDirectories(part.getParent());
            try (FileChannel other = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                other.lock();
                Run run = pull(hub, FakeHub.REFERENCE);
                assertThat(run.code()).isEqualTo(1);
                assertThat(run.err()).contains("another process");
            }
        }
    }

    @Test
    void saysSoWhereOnlyTheSizeCanBeChecked() throws IOException {
        try (FakeHub hub = new FakeHub(content, false)) {
            hub.getFaults.add(new Fault.CutAfter(100_000));
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(run.err()).contains("size checked").contains("no SHA-256");
            assertThat(Path.of(run.out().strip())).hasBinaryContent(content);
            assertThat(hub.requests.getLast().ifRange()).isEqualTo("\"" + hub.etag() + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void doesNotInsistOnWhatIsRefused(int status) throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.refuse(status);
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).contains(String.valueOf(status)).contains(status == 404 ? "revision" : "HF_TOKEN");
            assertThat(run.err().strip()).doesNotContain("\n").doesNotContain("Exception");
            assertThat(hub.requests).hasSize(1);
        }
    }

    @Test
    void givesUpOnAServerThatStaysBroken() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.refuse(500);
            Run run = pull(hub, FakeHub.REFERENCE);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains("500").contains("after 4 tries");
            assertThat(hub.requests).hasSize(4);
        }
    }

    @Test
    void triesAServerAgainThatIsBrokenForAMoment() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            hub.headFaults.add(new Fault.Status(500));
            hub.headFaults.add(new Fault.Status(429));
            assertThat(pull(hub, FakeHub.REFERENCE).code()).isZero();
        }
    }

    @Test
    void namesAHostThatDoesNotAnswer() throws IOException {
        String url;
        try (FakeHub hub = new FakeHub(content, true)) {
            url = hub.url();
        }
        Run run = new TestCommand(folder).run("pull", "--endpoint", url, "--retries", "0", FakeHub.REFERENCE);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("no answer from 127.0.0.1").doesNotContain("Exception:");
    }

    @Test
    void usesNoNetworkWhenOffline() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Run missing = pull(hub, "--offline", FakeHub.REFERENCE);
            assertThat(missing.code()).isEqualTo(1);
            assertThat(missing.err()).contains("not in the cache").contains("without --offline");
            assertThat(hub.requests).isEmpty();
            String path = pull(hub, FakeHub.REFERENCE).out();
            hub.requests.clear();
            Run byOption = pull(hub, "--offline", FakeHub.REFERENCE);
            Run byVariable = pull(new TestCommand(folder).with("HF_HUB_OFFLINE", "1"), hub, FakeHub.REFERENCE);
            assertThat(List.of(byOption.out(), byVariable.out())).containsExactly(path, path);
            assertThat(hub.requests).isEmpty();
        }
    }

    @Test
    void putsTheFileIntoAFolder() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Path target = folder.resolve("here/sub/model.gguf");
            Files.createDirectories(target.getParent());
            Files.write(target, new byte[LENGTH]);
            Run run = pull(hub, "--to", folder.resolve("here").toString(), FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(run.out()).isEqualTo(target + "\n");
            assertThat(target).hasBinaryContent(content);
            Run again = pull(hub, "--to", folder.resolve("here").toString(), FakeHub.REFERENCE);
            assertThat(again.err()).contains("was there");
            assertThat(hub.gets()).hasSize(1);
            assertThat(folder.resolve("hub")).doesNotExist();
        }
    }

    @Test
    void takesTheEndpointFromTheEnvironment() throws IOException {
        try (FakeHub hub = new FakeHub(content, true)) {
            Run run = new TestCommand(folder)
                    .with("HF_ENDPOINT", hub.url())
                    .with("HF_HOME", folder.resolve("hf").toString())
                    .run("pull", FakeHub.REFERENCE);
            assertThat(run.code()).isZero();
            assertThat(run.out()).startsWith(folder.resolve("hf/hub/models--org--repo").toString());
        }
    }

    @Test
    void bringsAModelThatRuns() throws IOException {
        byte[] model;
        try (InputStream in = PillionCommand.class.getResourceAsStream("demo.gguf")) {
            model = Objects.requireNonNull(in).readAllBytes();
        }
        try (FakeHub hub = new FakeHub(model, true)) {
            assertThat(pull(hub, FakeHub.REFERENCE).code()).isZero();
        }
        Run run = new TestCommand(folder)
                .with("HF_HUB_CACHE", folder.resolve("hub").toString())
                .run("run", "-q", "-m", FakeHub.REFERENCE, "--prompt", "12+35=");
        assertThat(run.out()).isEqualTo("47;\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "org/repo/file", "hf:org/repo", "hf:org/repo/", "hf:org/repo/../x", "hf:../repo/x", "hf:org/repo/a//b",
        "hf:a--b/repo/x", "hf:org/repo/x@..", "hf:org/repo/x@", "hf:org/repo/a\\b", "hf:org/repo/a\nb",
        "hf:o/r/C:x", "hf:/repo/x"
    })
    void refusesReferencesThatLeaveTheirRepository(String reference) {
        Run run = new TestCommand(folder).run("pull", reference);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("hf:ORG/REPO/FILE");
    }

    @Test
    void sendsNoTokenInTheClear() {
        assertThat(new HubEndpoint(URI.create("http://example.org"), Optional.of("t")).withholdsToken()).isTrue();
        assertThat(new HubEndpoint(URI.create("http://127.0.0.1:80"), Optional.of("t")).withholdsToken()).isFalse();
        assertThat(new HubEndpoint(URI.create("https://example.org"), Optional.of("t")).withholdsToken()).isFalse();
    }
}
