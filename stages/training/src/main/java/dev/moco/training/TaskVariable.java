package dev.moco.training;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the task of a process from its environment variables: a single task, or one of an Indexed Job. */
final class TaskVariable {
    private static final String ONE = StageTask.VARIABLE;
    private static final String LIST = StageTask.LIST_VARIABLE;
    private static final String INDEX = StageTask.INDEX_VARIABLE;

    private TaskVariable() {}

    /**
     * Reads the task.
     *
     * @throws StageFailure bad configuration, with the name of the variable
     */
    static StageTask read(Map<String, String> environment) {
        String one = environment.get(ONE);
        String list = environment.get(LIST);
        if (one == null && list == null) {
            throw StageFailure.badConfig("the variable " + ONE + " is not set; it must hold the stage's task, or "
                    + LIST + " the tasks of an Indexed Job");
        }
        if (one != null && list != null) {
            throw StageFailure.badConfig(
                    "the variables " + ONE + " and " + LIST + " are both set; set only one of them");
        }
        return one != null
                ? json(ONE, one, StageTask.class)
                : indexed(json(LIST, String.valueOf(list), StageTask[].class), environment.get(INDEX));
    }

    private static <T> T json(String variable, String json, Class<T> type) {
        try {
            return CanonicalJson.read(json.getBytes(StandardCharsets.UTF_8), type);
        } catch (UncheckedIOException e) {
            throw StageFailure.badConfig("the variable " + variable + " is " + e.getMessage(), e);
        }
    }

    private static StageTask indexed(StageTask[] tasks, @Nullable String index) {
        if (tasks.length == 0) {
            throw StageFailure.badConfig("the variable " + LIST + " has no tasks");
        }
        if (index == null) {
            throw StageFailure.badConfig("the variable " + INDEX + " is not set; it must be the index of one of the "
                    + tasks.length + " tasks in " + LIST + ", and an Indexed Job sets it");
        }
        int number = index.matches("[0-9]{1,9}") ? Integer.parseInt(index) : -1;
        if (number < 0 || number >= tasks.length) {
            throw StageFailure.badConfig("the variable " + INDEX + " must be from 0 to " + (tasks.length - 1) + ", as "
                    + LIST + " has " + tasks.length + " tasks, found \"" + index + "\"");
        }
        StageTask task = tasks[number];
        if (task == null) {
            throw StageFailure.badConfig("the variable " + LIST + " has no task at index " + number + ", found null");
        }
        return task;
    }
}
