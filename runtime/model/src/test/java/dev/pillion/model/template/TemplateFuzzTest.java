package dev.pillion.model.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.ProcessorTime;
import dev.pillion.model.SharedTestData;
import dev.pillion.model.template.RealTemplatesTest.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Damaged templates: whatever they do ends in text or in a {@link TemplateException}, and soon. */
class TemplateFuzzTest {
    private static final long SEED = Long.getLong("pillion.test.seed", 20250307);
    private static final int MUTATIONS = 20_000;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Keeps one run short; a mutation that loops is found as well with fewer steps. */
    private static final TemplateLimits LIMITS = new TemplateLimits(1 << 20, 1 << 20, 8 << 20, 300_000, 250, 10_000);

    private static final List<String> PIECES = List.of(
            "{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "{{-", "+%}", " if ", " else ", "{% endif %}",
            "{% endfor %}", "{% for x in messages recursive %}", "{{ loop(messages) }}", "{% set ", " = ", "|", ".",
            "[", "]", "(", ")",
            "{", "}", ",", ":", "'", "\"", "\\", "\\x", " not ", " in ", " is ", " ~ ", " ** ", " * 99999 ", "-1",
            "9223372036854775807", "1e308", "0", "none", "[::-1]", "[:0:-1]", "[-1]", "|tojson", "|tojson(indent=2)",
            "|length", "|list", "|map('string')", "|sort", "|join", "|dictsort", "|items", "|first", "|int", "|safe",
            "|indent(3)", "|replace('', 'x')", ".split()", ".append(1)", ".pop()", ".items()", "namespace()",
            "messages", "tools", "loop.index", "range(9)", "{% macro m(a) %}", "{% endmacro %}", "{{ m(m) }}",
            "{% raw %}",
            "{% break %}", "{% filter upper %}", "**messages[0]", "*messages", "\0", "\uD83D", "é", "\n", "\r");

    private static final List<String> NAMES =
            List.of("messages", "message", "tools", "loop", "none", "ns", "true", "tojson", "range", "5");

    @Test
    void damagedTemplatesEndInTextOrATemplateException() throws IOException {
        List<String> templates = new ArrayList<>();
        for (Path file : SharedTestData.files("data/templates", ".jinja")) {
            templates.add(Files.readString(file));
        }
        List<Conversation> conversations = new ArrayList<>(Conversation.all().values());
        int rendered = 0;
        int refusedByParser = 0;
        int refusedLater = 0;
        for (int number = 0; number < MUTATIONS; number++) {
            SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
            String mutant = mutate(templates.get(random.nextInt(templates.size())), templates, random);
            Conversation conversation = conversations.get(random.nextInt(conversations.size()));
            ProcessorTime time = ProcessorTime.start();
            try {
                ChatTemplate template = ChatTemplate.parse(mutant, LIMITS);
                refusedLater++;
                template.render(conversation.messages(), conversation.options());
                refusedLater--;
                rendered++;
            } catch (TemplateException e) {
                refusedByParser += e.kind() == TemplateException.Kind.SYNTAX ? 1 : 0;
            } catch (Throwable unexpected) {
                throw new AssertionError("seed " + SEED + ", mutation " + number
                        + ": repeat with -Dpillion.test.seed=" + SEED + "\n" + mutant, unexpected);
            }
            assertThat(time.used())
                    .as("seed " + SEED + ", mutation " + number)
                    .isLessThan(LONGEST);
        }
        assertThat(rendered).as("rendered").isGreaterThan(MUTATIONS / 10);
        assertThat(refusedByParser).as("refused by the parser").isGreaterThan(MUTATIONS / 10);
        assertThat(refusedLater).as("refused while rendering").isGreaterThan(MUTATIONS / 50);
    }

    private static String mutate(String template, List<String> templates, SplittableRandom random) {
        StringBuilder text = new StringBuilder(template);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(1, 20));
            switch (random.nextInt(6)) {
                case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> text.delete(at, end);
                case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                case 3 -> text.insert(at, text.substring(at, end));
                case 4 -> text.insert(at, piece(templates.get(random.nextInt(templates.size())), random));
                default -> swapNames(text, at, random);
            }
        }
        return text.toString();
    }

    private static String piece(String other, SplittableRandom random) {
        int from = random.nextInt(other.length());
        return other.substring(from, Math.min(other.length(), from + random.nextInt(1, 60)));
    }

    /** Puts another piece in the place of the next name: the template stays well formed more often than not. */
    private static void swapNames(StringBuilder text, int at, SplittableRandom random) {
        int start = at;
        while (start < text.length() && !Character.isLetter(text.charAt(start))) {
            start++;
        }
        int end = start;
        while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
            end++;
        }
        text.replace(start, end, NAMES.get(random.nextInt(NAMES.size())));
    }
}
