package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alerts and the dashboard use exactly the metrics that the operator exports. */
class MonitoringTest {
    private static final Path OPERATOR = Path.of("src/main/java/dev/moco/operator/metrics");
    private static final Pattern NAME = Pattern.compile("\\b(?:moco|process|jvm)_[a-z_]+");

    /** Metrics of the process, which Prometheus' library exports. */
    private static final Set<String> PROCESS = Set.of("process_resident_memory_bytes");

    private static final JsonNode RULES = ManifestFiles.document("monitoring/rules.yaml");
    private static final JsonNode DASHBOARD = ManifestFiles.document("monitoring/dashboard.json");

    @Test
    void thePrometheusRuleHasTheSameGroups() {
        assertThat(ManifestFiles.document("monitoring/prometheus-rule.yaml").path("spec"))
                .isEqualTo(RULES);
    }

    @Test
    void everyQueriedMetricIsExported() {
        assertThat(read()).isSubsetOf(exported());
    }

    @Test
    void everyExportedMetricIsQueried() {
        assertThat(exported().stream().filter(name -> name.startsWith("moco_"))).isSubsetOf(read());
    }

    @Test
    void everyAlertHasADescriptionAndASeverity() {
        assertThat(RULES.at("/groups/0/rules")).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.path("alert").asText()).matches("MoCo[A-Z][A-Za-z]+");
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
            assertThat(rule.at("/annotations/description").asText()).isNotEmpty();
        });
    }

    @Test
    void everyAlertHasATest() {
        String tests = ManifestFiles.text(ManifestFiles.ROOT.resolve("monitoring/rules-test.yaml"));
        assertThat(RULES.at("/groups/0/rules"))
                .allSatisfy(
                        rule -> assertThat(tests).contains(rule.path("alert").asText()));
    }

    @Test
    void panelsOfTheDashboardDoNotOverlap() {
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : DASHBOARD.path("panels")) {
            JsonNode at = panel.path("gridPos");
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    List<Integer> cell =
                            List.of(at.path("x").asInt() + x, at.path("y").asInt() + y);
                    assertThat(cell.get(0)).isLessThan(24);
                    assertThat(taken.add(cell)).as(panel.path("title").asText()).isTrue();
                }
            }
        }
    }

    /** Names of the metrics in every expression, without the suffixes of a histogram. */
    private static Set<String> read() {
        Stream<String> alerts = RULES.findValuesAsText("expr").stream();
        Stream<String> panels = DASHBOARD.findValuesAsText("expr").stream();
        Stream<String> choices = DASHBOARD.findValuesAsText("definition").stream();
        return names(Stream.of(alerts, panels, choices).flatMap(all -> all).collect(Collectors.joining("\n")));
    }

    private static Set<String> exported() {
        Set<String> names = new TreeSet<>(PROCESS);
        try (Stream<Path> files = Files.list(OPERATOR)) {
            Matcher literals = Pattern.compile("\"(moco_[a-z_]+)\"")
                    .matcher(files.map(ManifestFiles::text).collect(Collectors.joining("\n")));
            literals.results().map(literal -> literal.group(1)).forEach(names::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    private static Set<String> names(String expressions) {
        return NAME.matcher(expressions)
                .results()
                .map(MatchResult::group)
                .map(name -> name.replaceFirst("_(bucket|count|sum)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
