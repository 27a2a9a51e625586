package dev.moco.operator.client;

import dev.moco.contract.ExitCode;
import dev.moco.contract.NearestName;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.StageLogs.LogRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints the log of a stage that ran on this machine: all its attempts, in a file of the work folder. */
public final class LocalLogs {
    private static final long POLL_MILLIS = 500;
    private static final int PIECE = 1 << 16;

    private LocalLogs() {}

    /** Writes the log, and returns an exit code. */
    public static int show(LocalExperiments experiments, String name, LogRequest request, PrintStream out)
            throws IOException, InterruptedException {
        StoredExperiment experiment = experiments.one(name);
        String stage = choose(experiments, experiment, request.stage());
        Path log = experiments.work().log(name, stage);
        if (!Files.isRegularFile(log)) {
            throw StageFailure.badConfig(stage + " of " + name + " has no log in "
                    + experiments.work().logs(name) + ": it did not run on this machine with this work folder");
        }
        long at = start(log, request.tail());
        while (true) {
            // Before reading, so that what a stage writes before its end is read.
            boolean runs = request.follow() && runs(experiments, name, stage);
            at = print(log, at, runs, out);
            if (out.checkError()) {
                return Screen.CLOSED;
            } else if (!runs) {
                return ExitCode.DONE;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static boolean runs(LocalExperiments experiments, String name, String stage) throws IOException {
        return experiments.mayRun()
                && experiments.one(name).view().stages().stream()
                        .noneMatch(each -> each.name().equals(stage) && each.ended());
    }

    /** The named stage; without a name that which runs, or that whose log is newest. */
    private static String choose(LocalExperiments experiments, StoredExperiment experiment, @Nullable String named)
            throws IOException {
        List<StageView> stages = experiment.view().stages();
        List<String> names = stages.stream().map(StageView::name).toList();
        if (named != null) {
            if (!names.contains(named)) {
                throw StageFailure.badConfig(experiment.name() + " has no stage \"" + named + "\"; nearest is \""
                        + NearestName.of(named, names) + "\", it has: " + String.join(", ", names));
            }
            return named;
        }
        String newest = "";
        FileTime time = FileTime.fromMillis(Long.MIN_VALUE);
        for (StageView stage : stages) {
            Path log = experiments.work().log(experiment.name(), stage.name());
            if (stage.running()) {
                return stage.name();
            } else if (Files.isRegularFile(log)
                    && Files.getLastModifiedTime(log).compareTo(time) > 0) {
                newest = stage.name();
                time = Files.getLastModifiedTime(log);
            }
        }
        return newest.isEmpty() ? names.get(0) : newest;
    }

    /** Offset of the last lines of a file; 0 for all. */
    private static long start(Path log, int lines) throws IOException {
        if (lines < 0) {
            return 0;
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long at = file.length();
            int left = lines;
            while (at > 0 && lines > 0) {
                file.seek(at - 1);
                // The break at the end of the file ends the last line.
                if (file.read() == '\n' && at < file.length() && --left == 0) {
                    return at;
                }
                at--;
            }
            return lines == 0 ? file.length() : 0;
        }
    }

    /**
     * Prints lines from an offset; returns the offset after them.
     *
     * @param whole true leaves a line without its break, which the stage is writing
     */
    private static long print(Path log, long from, boolean whole, PrintStream out) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(from);
            byte[] piece = new byte[PIECE];
            long at = from;
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int read = file.read(piece); read > 0; read = file.read(piece)) {
                for (int i = 0; i < read; i++) {
                    line.write(piece[i]);
                    if (piece[i] == '\n') {
                        at += print(line, out);
                    }
                }
            }
            return whole ? at : at + print(line, out);
        }
    }

    private static int print(ByteArrayOutputStream line, PrintStream out) {
        int bytes = line.size();
        out.print(Printable.lines(line.toString(StandardCharsets.UTF_8)));
        line.reset();
        return bytes;
    }
}
