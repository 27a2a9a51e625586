package dev.moco.training.collectives;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * End of a process, and the choice of the end that is the cause of the others.
 *
 * @param index number of the process
 * @param givenUp why the launcher killed it, if it did
 * @param termination what it wrote, or what its exit code says
 */
record Ends(int index, @Nullable String givenUp, Termination termination) {
    /** The causes first: what loses another process follows from another's end. */
    private int order() {
        int exitCode = termination.exitCode();
        if (givenUp != null) {
            return 0;
        }
        return switch (exitCode) {
            case ExitCode.BAD_DATA, ExitCode.BAD_CONFIG -> 1;
            case ExitCode.INTERRUPTED -> 3;
            case Launcher.APART -> 4;
            case Launcher.LOST_ANOTHER -> 5;
            case ExitCode.DONE -> 6;
            default -> 2;
        };
    }

    /** The end of the stage, from those of all its processes, which have ended. */
    static Termination of(List<DeviceProcess> processes, Node node) {
        return of(
                processes.stream()
                        .map(process -> new Ends(process.index(), process.givenUp(), process.end()))
                        .toList(),
                processes.size(),
                node);
    }

    /** @param size number of the processes of this node */
    static Termination of(List<Ends> ends, int size, Node node) {
        Ends cause = ends.stream()
                .min(Comparator.comparingInt(Ends::order).thenComparingInt(Ends::index))
                .orElseThrow();
        Termination end = cause.termination;
        return switch (cause.order()) {
            case 6 -> end;
            case 1, 3 -> node.count() == 1 ? end : new Termination(end.exitCode(), node.prefix() + end.message(), null);
            default ->
                new Termination(
                        // A process of another node was lost: its pod has the cause and the retry.
                        cause.order() == 5 && node.count() > 1 ? ExitCode.INTERRUPTED : ExitCode.FAULT,
                        node.prefix() + "device " + cause.index + " of " + size + " "
                                + (cause.givenUp != null ? cause.givenUp : end.message()),
                        null);
        };
    }
}
