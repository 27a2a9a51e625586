package dev.moco.operator.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of local commands: work folder and store. */
final class WorkOptions {
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
}
