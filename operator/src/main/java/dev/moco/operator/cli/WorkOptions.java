package dev.moco.operator.cli;

import dev.moco.contract.StageFailure;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of local commands: work folder and store. */
final class WorkOptions {
    /** Description of a parameter that {@link #sources} reads. */
    static final String NAME_OR_FILE =
            "An experiment that has run here, by its name, or files of experiments: YAML or JSON, or"
                    + " a folder of such files, or a Kustomize folder, with a slash in it.";

    @Option(
            names = "--work",
            paramLabel = "DIR",
            defaultValue = ".moco",
            description = "Folder of everything local: artifacts, cache, logs, reports. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path work;

    @Option(
            names = "--store",
            paramLabel = "s3://BUCKET/PREFIX",
            description = "Bucket for artifacts, with endpoint and region of the file and the usual AWS credentials."
                    + " Default: an embedded S3 in the work folder; for a cluster spec.storage, or its operator's.")
    @Nullable
    String store;

    /**
     * Reads experiments of files, and those that have run in the work folder or the bucket by their names.
     *
     * @throws StageFailure bad configuration, naming every problem of every file, or the nearest name
     */
    List<Source> sources(List<String> namesOrFiles) throws IOException {
        List<Path> files = namesOrFiles.stream()
                .filter(ReportCommand::isFile)
                .map(Path::of)
                .toList();
        List<Source> sources = new ArrayList<>(files.isEmpty() ? List.of() : ExperimentFiles.read(files));
        if (files.size() < namesOrFiles.size()) {
            try (LocalExperiments here = LocalExperiments.open(new WorkFolder(work), store, null)) {
                for (String name : namesOrFiles) {
                    if (!ReportCommand.isFile(name)) {
                        sources.add(here.source(name));
                    }
                }
            }
        }
        return sources;
    }
}
