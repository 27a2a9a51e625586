package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads many experiments: of files with one or more documents, of folders of them, and of Kustomize folders. */
public final class ExperimentFiles {
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");
    private static final List<String> KUSTOMIZATIONS =
            List.of("Kustomization", "kustomization.yaml", "kustomization.yml");

    private ExperimentFiles() {}

    /**
     * An experiment of a file.
     *
     * @param tree its document
     * @param reading what it says
     */
    public record Source(JsonNode tree, Reading reading) {}

    /**
     * Reads the experiments of files and folders. A folder's are those of its own files; if it has none, those that
     * {@code kubectl kustomize} makes of it.
     *
     * @throws StageFailure bad configuration, naming every problem of the first file that has one
     */
    public static List<Source> read(List<Path> paths) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (Path path : paths) {
            int before = sources.size();
            if (Files.isDirectory(path)) {
                for (Path file : files(path)) {
                    add(sources, file, ExperimentFile.trees(file));
                }
                if (sources.size() == before
                        && KUSTOMIZATIONS.stream().anyMatch(name -> Files.exists(path.resolve(name)))) {
                    add(sources, path, YamlTree.documents(kustomized(path)));
                }
            } else {
                add(sources, path, ExperimentFile.trees(path));
            }
            if (sources.size() == before) {
                throw StageFailure.badConfig(path + " must hold a " + MoCoExperiment.KIND
                        + ", found none in its .yaml, .yml and .json files");
            }
        }
        return sources;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> ENDINGS.stream().anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        }
    }

    /** Adds the documents of a file that are experiments. */
    private static void add(List<Source> sources, Path file, List<JsonNode> trees) {
        for (JsonNode tree : trees) {
            if (tree.path("kind").asText().equals(MoCoExperiment.KIND)) {
                sources.add(new Source(tree, ExperimentReader.read(file, tree)));
            }
        }
    }

    private static String kustomized(Path folder) throws IOException {
        Process kubectl;
        try {
            kubectl = new ProcessBuilder("kubectl", "kustomize", folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw StageFailure.badConfig(
                    folder + " is a Kustomize folder, and kubectl cannot be started: " + e.getMessage()
                            + "; give the file that `kubectl kustomize` writes",
                    e);
        }
        String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (kubectl.waitFor() != 0) {
                throw StageFailure.badConfig("`kubectl kustomize " + folder + "` failed, see above");
            }
        } catch (InterruptedException e) {
            kubectl.destroy();
            Thread.currentThread().interrupt();
            throw StageFailure.interrupted("interrupted while kubectl ran");
        }
        return text;
    }
}
