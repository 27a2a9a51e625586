package dev.moco.training.weights.exchange;

import dev.moco.contract.Architecture;
import dev.moco.contract.StageFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Option of the architecture of a file. */
final class ArchitectureOption {
    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "Architecture, such as resnet50. Default: the one whose tensors the file has.")
    @Nullable
    String name;

    /** Architectures that the file may have. */
    List<Architecture> allowed() {
        if (name == null) {
            return List.of(Architecture.values());
        }
        try {
            return List.of(Architecture.of(name));
        } catch (IllegalArgumentException e) {
            throw StageFailure.badConfig("--arch: " + e.getMessage(), e);
        }
    }
}
