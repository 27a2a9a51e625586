package dev.moco.operator.cli;

import dev.moco.operator.local.LocalMachine;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Option of local commands: how many devices a stage may take. */
final class DevicesOption {
    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "${env:MOCO_DEVICES}",
            description = "Most processes of a stage, one for each GPU, or that share the CPU; the result is the same."
                    + " Default: MOCO_DEVICES, else one for each GPU.")
    @Nullable
    Integer devices;

    LocalMachine machine() {
        Integer chosen = devices;
        return LocalMachine.look(System.getenv(), chosen == null ? OptionalInt.empty() : OptionalInt.of(chosen));
    }
}
