package dev.moco.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages differ by methods, not by branches: a new one touches the places that docs/development.md lists. */
class FewPlacesTest {
    private static final String STAGE = "(?:PREPARE|WEIGHTS|PRETRAIN|LINEAR|DETECT)\\b";
    private static final String RESULT = "(?:Prepared|Imported|Pretrained|Classified|Detected)";

    private static final Pattern BRANCH =
            Pattern.compile("instanceof (?:Prepare|Weights|Pretrain|Linear|Detect)Config\\b"
                    + "|instanceof (?:StageResult\\.)?" + RESULT + "\\b"
                    + "|\\b" + RESULT + "(?:\\.class\\b|::)"
                    + "|\\bcase " + STAGE
                    + "|[!=]= Stage\\." + STAGE
                    + "|\\bequals\\((?:Stage|Task)\\.[A-Z]"
                    + "|\\b(?:Stage|Task)\\.[A-Z_]+\\.equals\\("
                    + "|\\b(?:contains|endsWith|equals|startsWith)\\(\"(?:prepare|weights|pretrain|linear|detect)\\b");

    /** The stages themselves. */
    private static final List<String> DECLARING = List.of("Stage.java");

    /** The fingerprint and the field of raw data, the monitor of pre-training, the resources of a stage, and its program. */
    private static final List<String> BRANCHING =
            List.of("ClusterPlan.java", "Plan.java", "ResourcesSpec.java", "StageMain.java");

    /** Images counted by a preparation, from which the steps of later stages follow. */
    private static final List<String> COUNTING = List.of("Forecast.java");

    /** Kept checkpoints, which pre-training alone has. */
    private static final List<String> CHECKPOINTS =
            List.of("NearestResult.java", "Needed.java", "Policy.java", "Pretrain.java", "PretrainCheckpoints.java");

    /** The report and the columns, beyond the metrics that every stage has. */
    private static final List<String> REPORTING = List.of(
            "CurveSection.java",
            "MarkdownReport.java",
            "Metrics.java",
            "PaperData.java",
            "ReportInput.java",
            "ResultRow.java",
            "SummaryReport.java",
            "TableEntry.java",
            "TrainingCost.java");

    @Test
    void noOtherFileBranchesByStage() throws IOException {
        List<String> branching = new ArrayList<>();
        for (String module :
                List.of("", "localcluster", "../stages/contract", "../stages/artifacts", "../stages/training")) {
            try (Stream<Path> files = Files.walk(Path.of(module, "src", "main", "java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    if (BRANCH.matcher(Files.readString(file)).find()) {
                        branching.add(file.getFileName().toString());
                    }
                }
            }
        }
        assertThat(branching)
                .containsExactlyInAnyOrderElementsOf(Stream.of(DECLARING, BRANCHING, COUNTING, CHECKPOINTS, REPORTING)
                        .flatMap(List::stream)
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "if (config instanceof PretrainConfig own)",
                "if (manifest.result() instanceof StageResult.Detected trial)",
                "results.filter(Prepared.class::isInstance)",
                "case LINEAR -> 1;",
                "stage != Stage.DETECT",
                "stage.equals(Stage.DETECT)",
                "task.equals(Task.PREPARE_VOC)",
                "Task.LINEAR.equals(task)",
                "arguments.contains(\"prepare\")",
                "task.startsWith(\"detect-\")"
            })
    void aBranchIsFound(String code) {
        assertThat(BRANCH.matcher(code).find()).isTrue();
    }
}
