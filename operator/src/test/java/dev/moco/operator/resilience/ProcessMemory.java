package dev.moco.operator.resilience;

import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of an operator's process; 0 on systems without {@code /proc}. */
final class ProcessMemory {
    private ProcessMemory() {}

    static long peakKiB(OperatorProcess operator) throws IOException {
        return line(operator, "VmHWM:");
    }

    static long nowKiB(OperatorProcess operator) throws IOException {
        return line(operator, "VmRSS:");
    }

    private static long line(OperatorProcess operator, String name) throws IOException {
        Path status = Path.of("/proc", Long.toString(operator.process().pid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith(name))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0)
                : 0;
    }
}
