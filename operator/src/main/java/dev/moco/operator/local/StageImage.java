package dev.moco.operator.local;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The image {@code moco-stages}, run from a checkout. */
public final class StageImage extends JavaImage {
    @Override
    public String image() {
        return "moco-stages";
    }

    @Override
    List<String> java(Folders folders, List<String> arguments) throws IOException {
        return jvm(folders).imageCommand(arguments);
    }

    @Override
    Map<String, String> variables(Folders folders) {
        return jvm(folders).imageVariables();
    }

    private static TrainingJvm jvm(Folders folders) {
        return new TrainingJvm(folders.checkout(), folders.cache().resolve("engine"));
    }
}
