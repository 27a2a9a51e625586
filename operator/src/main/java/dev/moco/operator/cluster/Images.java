package dev.moco.operator.cluster;

import dev.moco.operator.local.TrainingJvm;
import dev.moco.operator.local.WorkFolder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the project's container images hold, as programs of a checkout.
 *
 * @param home the checkout, built
 * @param cache what the pods of a node share
 */
record Images(Path home, Path cache) {
    private static final String STAGE_MAIN = "dev.moco.training.StageMain";
    private static final String OPERATOR_MAIN = "dev.moco.operator.cli.Main";

    /**
     * An image's program.
     *
     * @param environment what the image sets
     */
    record Program(List<String> command, Map<String, String> environment) {}

    /**
     * The program that a container runs.
     *
     * @param command the container's own; empty for the image's
     * @param temporary the container's folder for temporary files; null for the machine's
     */
    Program program(String image, List<String> command, List<String> arguments, @Nullable Path temporary)
            throws IOException, PodNotStartable {
        if (!command.isEmpty()) {
            List<String> all = new ArrayList<>(command);
            all.addAll(arguments);
            return new Program(all, data());
        }
        return switch (name(image)) {
            case "moco-stages" -> stage(arguments, temporary);
            case "moco-operator" -> operator(arguments, temporary);
            default ->
                throw new PodNotStartable(
                        "ErrImagePull",
                        "image \"" + image + "\" is none that a process node has, and the container names no command;"
                                + " images are: moco-operator, moco-stages");
        };
    }

    /** An image's last name, without tag or digest. */
    static String name(String image) {
        String last = image.substring(image.lastIndexOf('/') + 1);
        return last.split("[:@]", 2)[0];
    }

    /** Images bring the quickstart's data. */
    private Map<String, String> data() {
        return Map.of("MOCO_DATA_ROOT", home.resolve("pipelines/quickstart").toString());
    }

    private Program stage(List<String> arguments, @Nullable Path temporary) throws IOException {
        TrainingJvm jvm = new TrainingJvm(home, new WorkFolder(cache));
        // Prepare holds images alone, no loader and no model.
        String heap = arguments.contains("prepare") ? "512m" : TrainingJvm.HEAP;
        List<String> command = withTemporary(jvm.command(heap, STAGE_MAIN, arguments), temporary);
        Map<String, String> environment = new HashMap<>(jvm.variables());
        environment.putAll(data());
        return new Program(command, environment);
    }

    private Program operator(List<String> arguments, @Nullable Path temporary) throws IOException {
        Path target = home.resolve("operator/target");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), OperatorJvm.HEAP));
        command.addAll(OperatorJvm.FLAGS);
        command.addAll(List.of(
                "-Dmoco.home=" + home,
                "-cp",
                target.resolve("classes")
                        + File.pathSeparator
                        + Files.readString(target.resolve("classpath")).strip(),
                OPERATOR_MAIN));
        command.addAll(arguments);
        Map<String, String> environment = new HashMap<>(OperatorJvm.VARIABLES);
        environment.putAll(data());
        return new Program(withTemporary(command, temporary), environment);
    }

    private static List<String> withTemporary(List<String> command, @Nullable Path temporary) {
        List<String> all = new ArrayList<>(command);
        if (temporary != null) {
            all.add(1, "-Djava.io.tmpdir=" + temporary);
        }
        return all;
    }
}
