package dev.pillion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.metrics.Counter;
import dev.pillion.metrics.DeviceReading;
import dev.pillion.metrics.Distribution;
import dev.pillion.metrics.EngineMetrics;
import dev.pillion.metrics.Gauge;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.Configuration;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;

/** docs/metrics.md and the packaged recorder settings list what the code has: nothing less, nothing more. */
class MetricsDocumentTest {
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\|.*\\|");
    private static final Set<String> RECORDERS_OWN_FIELDS = Set.of("startTime", "duration", "eventThread", "stackTrace");

    @Test
    void countersAreDocumentedWithTheirUnits() throws IOException {
        assertThat(rows("## Counters")).isEqualTo(Arrays.stream(Counter.values())
                .collect(Collectors.toMap(Counter::key, counter -> counter.unit().symbol())));
    }

    @Test
    void gaugesAreDocumentedWithTheirUnits() throws IOException {
        assertThat(rows("## Gauges")).isEqualTo(Arrays.stream(Gauge.values())
                .collect(Collectors.toMap(Gauge::key, gauge -> gauge.unit().symbol())));
    }

    @Test
    void distributionsAreDocumentedWithTheirUnits() throws IOException {
        assertThat(rows("## Distributions")).isEqualTo(Arrays.stream(Distribution.values())
                .collect(Collectors.toMap(Distribution::key, distribution -> distribution.unit().symbol())));
    }

    @Test
    void derivedValuesAreDocumented() throws IOException {
        Set<String> components = Arrays.stream(EngineMetrics.Snapshot.class.getRecordComponents())
                .map(component -> component.getName())
                .collect(Collectors.toSet());
        Set<String> derived = Arrays.stream(EngineMetrics.Snapshot.class.getDeclaredMethods())
                .filter(method -> method.getParameterCount() == 0 && method.getReturnType().isPrimitive())
                .map(Method::getName)
                .filter(name -> !name.equals("hashCode") && !components.contains(name))
                .collect(Collectors.toSet());
        assertThat(rows("## Derived").keySet()).isEqualTo(derived);
    }

    @Test
    void whatTheDeviceSaysIsDocumented() throws IOException {
        assertThat(rows("## Device").keySet()).isEqualTo(Arrays.stream(DeviceReading.class.getRecordComponents())
                .map(component -> component.getName())
                .collect(Collectors.toSet()));
    }

    @Test
    void eventsAndTheirFieldsAreDocumented() throws IOException {
        Set<String> headings = lines().stream()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4))
                .collect(Collectors.toSet());
        assertThat(headings).isEqualTo(eventTypes().stream().map(EventType::getName).collect(Collectors.toSet()));
        for (EventType type : eventTypes()) {
            assertThat(rows("### " + type.getName()).keySet()).as(type.getName()).isEqualTo(fields(type));
        }
    }

    @Test
    void noSymbolIsDefinedTwice() throws IOException {
        List<String> keys = lines().stream().map(ROW::matcher).filter(Matcher::matches).map(row -> row.group(1))
                .filter(key -> key.contains("."))
                .toList();
        assertThat(keys).doesNotHaveDuplicates();
    }

    @Test
    void thePackagedSettingsSwitchOnEveryEvent() throws Exception {
        Map<String, String> settings;
        try (Reader reader = new InputStreamReader(
                EngineEvents.class.getResourceAsStream("/META-INF/jfr/pillion.jfc"), StandardCharsets.UTF_8)) {
            settings = Configuration.create(reader).getSettings();
        }
        Set<String> own = new TreeSet<>();
        for (String key : settings.keySet()) {
            if (key.startsWith("dev.pillion.")) {
                own.add(key.substring(0, key.indexOf('#')));
            }
        }
        assertThat(own).isEqualTo(eventTypes().stream().map(EventType::getName).collect(Collectors.toSet()));
        assertThat(own).allSatisfy(name -> assertThat(settings).containsEntry(name + "#enabled", "true"));
    }

    private static List<EventType> eventTypes() {
        return Arrays.stream(EngineEvents.class.getDeclaredClasses())
                .map(type -> EventType.getEventType(type.asSubclass(Event.class)))
                .toList();
    }

    private static Set<String> fields(EventType type) {
        Set<String> names = new HashSet<>(type.getFields().stream().map(ValueDescriptor::getName).toList());
        names.removeAll(RECORDERS_OWN_FIELDS);
        return names;
    }

    /** First and second column of the table under a heading. */
    private static Map<String, String> rows(String heading) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        boolean inside = false;
        for (String line : lines()) {
            if (line.startsWith("#")) {
                inside = line.equals(heading);
            }
            Matcher row = ROW.matcher(line);
            if (inside && row.matches()) {
                rows.put(row.group(1), row.group(2).strip());
            }
        }
        return rows;
    }

    private static List<String> lines() throws IOException {
        return Files.readAllLines(Path.of(System.getProperty("pillion.test.root", "../..")).resolve("docs/metrics.md"));
    }
}
