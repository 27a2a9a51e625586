package dev.moco.operator.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The image {@code moco-operator}, run from a checkout. */
public final class OperatorImage extends JavaImage {
    private static final String MAIN = "dev.moco.operator.cli.Main";

    @Override
    public String image() {
        return "moco-operator";
    }

    @Override
    List<String> java(Folders folders, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), OperatorJvm.HEAP));
        command.addAll(OperatorJvm.FLAGS);
        command.addAll(List.of(
                "-Dmoco.home=" + folders.checkout(),
                "-cp",
                new Installation(folders.checkout()).classPath("moco-operator"),
                MAIN));
        command.addAll(arguments);
        return command;
    }

    @Override
    Map<String, String> variables(Folders folders) {
        return OperatorJvm.VARIABLES;
    }
}
