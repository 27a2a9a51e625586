package dev.moco.operator.local;

import dev.moco.contract.Stage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The image {@code moco-stages}, run from a checkout. */
public final class StageImage extends JavaImage {
    @Override
    public String image() {
        return "moco-stages";
    }

    @Override
    List<String> java(Folders folders, List<String> arguments) throws IOException {
        // Other arguments, such as --help, are no stage.
        String heap = Stream.of(Stage.values())
                .filter(stage -> arguments.contains(stage.id()))
                .findFirst()
                .map(TrainingJvm::heap)
                .orElse(TrainingJvm.HEAP);
        return jvm(folders).command(heap, TrainingJvm.STAGE_MAIN, arguments);
    }

    @Override
    Map<String, String> variables(Folders folders) {
        return jvm(folders).variables();
    }

    private static TrainingJvm jvm(Folders folders) {
        return new TrainingJvm(folders.checkout(), new WorkFolder(folders.cache()));
    }
}
