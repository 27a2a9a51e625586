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

/** Stages differ by methods, not by branches: a new one touches the places that docs/development.md lists. */
class FewPlacesTest {
    private static final Pattern BRANCH = Pattern.compile(
            "instanceof (Prepare|Pretrain|Linear|Detect)Config\\b|\\bcase (PREPARE|PRETRAIN|LINEAR|DETECT)\\b"
                    + "|[!=]= Stage\\.(PREPARE|PRETRAIN|LINEAR|DETECT)\\b");

    /** The fingerprint of raw data and the monitor of pre-training, the resources of each stage, and its program. */
    private static final List<String> BRANCHING = List.of("Plan.java", "ResourcesSpec.java", "StageMain.java");

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
        assertThat(branching).containsExactlyInAnyOrderElementsOf(BRANCHING);
    }
}
