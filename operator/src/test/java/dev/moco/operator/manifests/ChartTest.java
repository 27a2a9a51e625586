package dev.moco.operator.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Helm chart is made from the manifests: a template is a manifest in which some lines have a value of the chart. {@code
 * -Dmoco.chart=write} writes the templates anew.
 */
class ChartTest {
    private static final Path CHART = ManifestFiles.ROOT.resolve("chart");
    private static final boolean WRITE = "write".equals(System.getProperty("moco.chart"));

    /**
     * A line of a manifest that the chart makes configurable.
     *
     * @param line its one group is the default, as YAML
     * @param path of the value, below {@code .Values}
     */
    private record Value(String manifest, String line, String path) {}

    private static final List<Value> VALUES = List.of(
            new Value("operator/deployment.yaml", "image: (moco-operator:\\S+)", "image"),
            new Value("operator/deployment.yaml", "value: (moco-stages:\\S+)", "stageImage"),
            new Value("operator/deployment.yaml", "replicas: (\\d+)", "replicas"),
            new Value("operator/deployment.yaml", "requests: (\\{.*\\})", "resources.requests"),
            new Value("operator/deployment.yaml", "limits: (\\{.*\\})", "resources.limits"),
            new Value("rbac/operator.yaml", "resourceNames: (\\[.*\\])", "secrets"));

    /** More options of the operator follow its last one. */
    private static final Pattern LAST_ARGUMENT = Pattern.compile("( +)- --metrics-address=.*\\n");

    private static final String MORE_ARGUMENTS = """
            $1{{- range .Values.extraArgs }}
            $1- {{ toJson . }}
            $1{{- end }}
            """;

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "rbac/service-account.yaml",
                "rbac/operator.yaml",
                "rbac/lease.yaml",
                "rbac/people/roles.yaml",
                "operator/deployment.yaml",
                "operator/network-policy.yaml"
            })
    void aTemplateIsAManifestWithValues(String manifest) throws IOException {
        Path template = CHART.resolve("templates").resolve(Path.of(manifest).getFileName());
        if (WRITE) {
            Files.writeString(template, template(manifest));
        }
        assertThat(ManifestFiles.text(template))
                .as("-Dmoco.chart=write writes %s", template)
                .isEqualTo(template(manifest));
    }

    private static String template(String manifest) {
        String text = ManifestFiles.text(ManifestFiles.ROOT.resolve(manifest))
                .replace("namespace: moco-system", "namespace: {{ .Release.Namespace }}");
        for (Value value : VALUES) {
            if (value.manifest().equals(manifest)) {
                Matcher line = matcher(value, text);
                text = text.substring(0, line.start(1)) + "{{ toJson .Values." + value.path() + " }}"
                        + text.substring(line.end(1));
            }
        }
        text = LAST_ARGUMENT.matcher(text).replaceFirst("$0" + MORE_ARGUMENTS);
        return switch (manifest) {
            case "rbac/people/roles.yaml" -> onlyIf("people", text);
            case "operator/network-policy.yaml" -> onlyIf("networkPolicy", text);
            default -> text;
        };
    }

    private static String onlyIf(String value, String text) {
        return "{{- if .Values." + value + " }}\n" + text + "{{- end }}\n";
    }

    private static Matcher matcher(Value value, String text) {
        Matcher line = Pattern.compile(value.line()).matcher(text);
        assertThat(line.find()).as("%s has %s", value.manifest(), value.line()).isTrue();
        return line;
    }

    @Test
    void defaultsAreThoseOfTheManifests() {
        JsonNode values = ManifestFiles.document("chart/values.yaml");
        assertThat(VALUES).allSatisfy(value -> {
            Matcher line = matcher(value, ManifestFiles.text(ManifestFiles.ROOT.resolve(value.manifest())));
            assertThat(values.at("/" + value.path().replace('.', '/')))
                    .as(value.path())
                    .isEqualTo(ManifestFiles.documents("is: " + line.group(1))
                            .get(0)
                            .path("is"));
        });
    }

    @Test
    void theChartHasTheVersionOfTheOperatorAndTheSameDefinition() throws IOException {
        JsonNode chart = ManifestFiles.document("chart/Chart.yaml");
        String image = ManifestFiles.document("chart/values.yaml").path("image").asText();
        assertThat(image).endsWith(":" + chart.path("version").asText());
        assertThat(chart.path("appVersion")).isEqualTo(chart.path("version"));
        assertThat(CHART.resolve("crds/mocoexperiments.moco.dev-v1.yml").toRealPath())
                .isEqualTo(ManifestFiles.ROOT
                        .resolve("crd/mocoexperiments.moco.dev-v1.yml")
                        .toRealPath());
    }
}
