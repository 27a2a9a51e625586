package dev.moco.operator.local;

import dev.moco.contract.local.ImageProgram;
import dev.moco.contract.local.OperatorVariables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An image whose entry point is Java, and which brings the quickstart's data. */
abstract class JavaImage implements ImageProgram {
    /** Command line that starts with the path of {@code java}. */
    abstract List<String> java(Folders folders, List<String> arguments) throws IOException;

    /** Variables of the virtual machine. */
    abstract Map<String, String> variables(Folders folders);

    @Override
    public final List<String> command(Folders folders, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(java(folders, arguments));
        command.add(1, "-Djava.io.tmpdir=" + folders.temporary());
        return command;
    }

    @Override
    public final Map<String, String> environment(Folders folders) {
        Map<String, String> environment = new HashMap<>(variables(folders));
        environment.put(
                OperatorVariables.DATA_ROOT,
                folders.checkout().resolve("pipelines/quickstart").toString());
        return environment;
    }
}
