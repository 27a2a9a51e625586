package dev.moco.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.MoCoExperiment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads many experiments: of files with one or more documents, of folders of them, and of Kustomize folders. */
public final class ExperimentFiles {
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");

    private final List<Source> sources = new ArrayList<>();
    private final List<StageFailure> failures = new ArrayList<>();
    private final Function<JsonNode, List<JsonNode>> variants;

    private ExperimentFiles(Function<JsonNode, List<JsonNode>> variants) {
        this.variants = variants;
    }

    /**
     * An experiment of a file.
     *
     * @param file the file; or the Kustomize folder that makes it
     * @param tree its document
     * @param reading what it says
     */
    public record Source(Path file, JsonNode tree, Reading reading) {
        public Experiment experiment() {
            return reading.experiment();
        }
    }

    /**
     * Reads the experiments of files and folders. A folder's are those of its own files; if it has none, those that
     * Kustomize makes of it. Documents of other kinds are skipped, except the only one of a
     * file that is named.
     *
     * @throws StageFailure bad configuration, naming every problem of every file
     */
    public static List<Source> read(List<Path> paths) throws IOException {
        return read(paths, List::of);
    }

    /**
     * Reads the variants of the experiments of files and folders, in their order.
     *
     * @param settings fields with their values; each experiment has a variant for each combination
     * @param like file of an experiment whose raw data is taken, and its value of each field that an experiment does not
     *     state; null for none
     * @throws StageFailure bad configuration, naming every problem of every variant
     */
    public static List<Source> variants(List<Path> paths, List<Setting> settings, @Nullable Path like)
            throws IOException {
        JsonNode model =
                like == null ? null : ExperimentTree.located(ExperimentFile.tree(like), ExperimentFile.read(like));
        return read(paths, tree -> Variants.of(model == null ? tree : ExperimentTree.like(tree, model), settings));
    }

    private static List<Source> read(List<Path> paths, Function<JsonNode, List<JsonNode>> variants) throws IOException {
        ExperimentFiles read = new ExperimentFiles(variants);
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                read.folder(path);
            } else {
                read.attempt(() -> read.file(path));
            }
        }
        if (!read.failures.isEmpty()) {
            throw StageFailure.joined(read.failures);
        }
        return read.sources;
    }

    /**
     * The experiment of a document that is not a file of its own.
     *
     * @param file where it is from, for problems
     * @param folder folder below which relative folders of raw data are
     */
    public static Source recorded(Path file, JsonNode tree, Path folder) {
        // A source's folder is where its data is, also for who reads it later.
        return new Source(folder.resolve(file.getFileName()), tree, ExperimentReader.read(file, tree, folder));
    }

    private interface FileRead {
        void run() throws IOException;
    }

    /** Reads something, and keeps its failure so that the other files are read too. */
    private void attempt(FileRead read) throws IOException {
        try {
            read.run();
        } catch (StageFailure failure) {
            failures.add(failure);
        }
    }

    private void file(Path file) throws IOException {
        List<JsonNode> documents = ExperimentFile.trees(file);
        if (documents.size() < 2) {
            // The reader says what is wrong with the only document, or that there is none.
            add(file, ExperimentFile.only(file, documents));
        } else if (addExperiments(file, documents) == 0) {
            throw StageFailure.badConfig(file + " must hold a " + MoCoExperiment.KIND + ", found none in its "
                    + documents.size() + " documents");
        }
    }

    private void folder(Path folder) throws IOException {
        int before = sources.size() + failures.size();
        for (Path file : files(folder)) {
            attempt(() -> addExperiments(file, ExperimentFile.trees(file)));
        }
        if (sources.size() + failures.size() == before && Kustomization.isIn(folder)) {
            attempt(() -> addExperiments(folder, kustomized(folder)));
        }
        if (sources.size() + failures.size() == before) {
            failures.add(StageFailure.badConfig(folder + " must hold a " + MoCoExperiment.KIND
                    + ", found none in its .yaml, .yml and .json files"));
        }
    }

    /** Adds the documents that are experiments, or name their API, and returns how many there are. */
    private int addExperiments(Path file, List<JsonNode> documents) throws IOException {
        int found = 0;
        for (JsonNode tree : documents) {
            if (tree.path("kind").asText().equals(MoCoExperiment.KIND)
                    || tree.path("apiVersion").asText().startsWith(MoCoExperiment.GROUP + "/")) {
                attempt(() -> add(file, tree));
                found++;
            }
        }
        return found;
    }

    private void add(Path file, JsonNode tree) throws IOException {
        for (JsonNode variant : variants.apply(tree)) {
            attempt(() -> sources.add(new Source(file, variant, ExperimentReader.read(file, variant))));
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> ENDINGS.stream().anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        }
    }

    private static List<JsonNode> kustomized(Path folder) throws IOException {
        Optional<List<JsonNode>> documents = Kustomization.documents(folder);
        return documents.isPresent() ? documents.get() : YamlTree.documents(byKubectl(folder));
    }

    private static String byKubectl(Path folder) throws IOException {
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
