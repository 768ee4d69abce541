package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pillion.model.json.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
    private static final String HOSTILE =
            "</script><script>alert(1)</script><!-- ]]> & \"'{{report}} $1 \\ \u0000\u001b\u2028\ud800 \ud83d\ude00";

    private static Document parse(String page) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setExpandEntityReferences(false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static String report(Document page) {
        NodeList scripts = page.getElementsByTagName("script");
        for (int i = 0; i < scripts.getLength(); i++) {
            Element script = (Element) scripts.item(i);
            if (script.getAttribute("id").equals("report")) {
                return script.getTextContent();
            }
        }
        throw new AssertionError("the page has no report");
    }

    @Test
    void theReportReadsBackFromAWellFormedPage() throws Exception {
        Map<String, Object> report = Map.of("runs", List.of(Map.of("name", "a < b && c", "numbers", new double[] {0.1, 2})));
        Document page = parse(ReportPage.of("one & two", "pillion simulate --slo \"ttft<1s\"", report));
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo("one & two");
        assertThat(page.getElementsByTagName("code").item(0).getTextContent())
                .isEqualTo("pillion simulate --slo \"ttft<1s\"");
        Map<?, ?> read = (Map<?, ?>) Json.parse(report(page), Path.of("page"));
        Map<?, ?> run = (Map<?, ?>) ((List<?>) read.get("runs")).getFirst();
        assertThat(run.get("name")).isEqualTo("a < b && c");
        assertThat(run.get("numbers")).isEqualTo(List.of(0.1, 2.0));
    }

    @Test
    void hostileNamesStayText() throws Exception {
        String text = ReportPage.of(HOSTILE, HOSTILE, Map.of("runs", List.of(Map.of("name", HOSTILE))));
        Document page = parse(text);
        assertThat(page.getElementsByTagName("script").getLength()).isEqualTo(2);
        assertThat(Pattern.compile("</script>").matcher(text).results().count()).isEqualTo(2);
        assertThat(page.getElementsByTagName("title").item(0).getTextContent())
                .contains("</script><script>alert(1)</script>", "{{report}}", "\\u0000", "\ud83d\ude00");
        Map<?, ?> read = (Map<?, ?>) Json.parse(report(page), Path.of("page"));
        String name = (String) ((Map<?, ?>) ((List<?>) read.get("runs")).getFirst()).get("name");
        assertThat(name).isEqualTo(HOSTILE);
    }

    /** Neither an address nor an element or a style that could fetch one. */
    @Test
    void thePageNeedsNothingBesideItself() throws IOException {
        String page = ReportPage.of("t", "c", Map.of("runs", List.of()));
        assertThat(page).doesNotContainPattern("(?i)https?:|//[a-z0-9.-]+\\.[a-z]{2,}|url\\(|@import|\\bsrc=|<iframe|<img|fetch\\(");
        assertThat(Pattern.compile("href=\"([^\"]*)\"").matcher(page).results().map(found -> found.group(1)))
                .containsExactly("data:,");
        assertThat(page).contains("default-src 'none'");
        assertThat(page).doesNotContain("{{");
    }
}
