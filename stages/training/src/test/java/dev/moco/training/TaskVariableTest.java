package dev.moco.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class TaskVariableTest {
    private static final String ONE = json(task("detect-0"));
    private static final String THREE = json(List.of(task("detect-0"), task("detect-3"), task("detect-4")));

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void theOnlyTaskIsReturned() {
        environment.put("MOCO_TASK", ONE);
        assertThat(TaskVariable.read(environment).name()).isEqualTo("detect-0");
    }

    @Test
    void aSingleTaskNeedsNoIndex() {
        environment.put("MOCO_TASK", ONE);
        environment.put("JOB_COMPLETION_INDEX", "7");
        assertThat(TaskVariable.read(environment).name()).isEqualTo("detect-0");
    }

    @ParameterizedTest(name = "index {0} of an Indexed Job runs {1}")
    @CsvSource({"0, detect-0", "1, detect-3", "2, detect-4"})
    void aPodOfAnIndexedJobReadsTheTaskOfItsIndex(String index, String name) {
        environment.put("MOCO_TASKS", THREE);
        environment.put("JOB_COMPLETION_INDEX", index);
        assertThat(TaskVariable.read(environment).name()).isEqualTo(name);
    }

    @ParameterizedTest(name = "index {0}")
    @CsvSource({"3", "-1", "one", "''", "99999999999"})
    void anIndexOutOfRangeIsRefused(String index) {
        environment.put("MOCO_TASKS", THREE);
        environment.put("JOB_COMPLETION_INDEX", index);
        assertRefused("the variable JOB_COMPLETION_INDEX must be from 0 to 2, as MOCO_TASKS has 3 tasks, found \""
                + index + "\"");
    }

    @Test
    void severalTasksNeedAnIndex() {
        environment.put("MOCO_TASKS", THREE);
        assertRefused(
                "the variable JOB_COMPLETION_INDEX is not set; it must be the index of one of the 3 tasks in MOCO_TASKS,"
                        + " and an Indexed Job sets it");
    }

    @Test
    void aMissingTaskIsRefused() {
        assertRefused(
                "the variable MOCO_TASK is not set; it must hold the stage's task, or MOCO_TASKS the tasks of an Indexed"
                        + " Job");
    }

    @Test
    void bothVariablesAtOnceAreRefused() {
        environment.put("MOCO_TASK", ONE);
        environment.put("MOCO_TASKS", THREE);
        assertRefused("the variables MOCO_TASK and MOCO_TASKS are both set; set only one of them");
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MOCO_TASK  | []     | the variable MOCO_TASK is not a StageTask: ",
                "MOCO_TASK  | {      | the variable MOCO_TASK is not a StageTask: ",
                "MOCO_TASKS | {}     | the variable MOCO_TASKS is not a StageTask[]: ",
                "MOCO_TASKS | [null] | the variable MOCO_TASKS has no task at index 0, found null",
                "MOCO_TASKS | []     | the variable MOCO_TASKS has no tasks"
            })
    void anInvalidTaskIsRefused(String variable, String value, String message) {
        environment.put(variable, value);
        environment.put("JOB_COMPLETION_INDEX", "0");
        assertThatThrownBy(() -> TaskVariable.read(environment)).hasMessageStartingWith(message);
    }

    @Test
    void aBadVariableIsABadConfigurationInTheTerminationMessage(@TempDir Path folder) throws Exception {
        Path words = folder.resolve("termination");
        environment.put("MOCO_TERMINATION_LOG", words.toString());
        assertThat(new CommandLine(new StageMain(environment)).execute("detect"))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(Files.readString(words)).startsWith("{\"digest\":null,\"exitCode\":78,\"message\":\"the variable ");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> TaskVariable.read(environment))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage(message);
    }

    private static StageTask task(String name) {
        return new StageTask(
                "x",
                name,
                "key",
                new PrepareConfig(
                        PrepareConfig.Dataset.VOC, "print", PrepareConfig.OnBadImage.FAIL, List.of("cat"), 1024, 0),
                Map.of(),
                "raw",
                new StoreLocation("bucket", "", null, null, false, true),
                new StageTask.Execution(1, "cache", 300, 10, null, false));
    }

    private static String json(Object value) {
        return new String(CanonicalJson.bytes(value), StandardCharsets.UTF_8);
    }
}
