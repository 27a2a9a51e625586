package dev.moco.operator.local;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The image {@code moco-stages}, run from a checkout. */
public final class StageImage extends JavaImage {
    private static final String MAIN = "dev.moco.training.StageMain";
    /** Heap of prepare, which holds images but no loader and no model. */
    private static final String PREPARE_HEAP = "512m";

    @Override
    public String image() {
        return "moco-stages";
    }

    @Override
    List<String> java(Folders folders, List<String> arguments) throws IOException {
        String heap = arguments.contains("prepare") ? PREPARE_HEAP : TrainingJvm.HEAP;
        return jvm(folders).command(heap, MAIN, arguments);
    }

    @Override
    Map<String, String> variables(Folders folders) {
        return jvm(folders).variables();
    }

    private static TrainingJvm jvm(Folders folders) {
        return new TrainingJvm(folders.checkout(), new WorkFolder(folders.cache()));
    }
}
