package dev.moco.operator.cli;

import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ExitCode;
import dev.moco.contract.NearestName;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.StoreUse;
import dev.moco.operator.client.StoredExperiments;
import dev.moco.operator.gc.Garbage;
import dev.moco.operator.gc.GarbageCollection;
import dev.moco.operator.local.RunRecords;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moco gc}: deletes results that no experiment needs. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description = {
            "Lists results and checkpoints that no experiment needs, and deletes them with --delete: in the store of the cluster,"
                    + " in a work folder with --work, in a bucket with --store.",
            "Needed is what the experiments there need, which are the resources of all namespaces of a cluster, or those that"
                    + " `moco run` has recorded, of each name the newest; and what FILE needs.",
            "Kept is also what was changed lately. An interrupted deletion goes on with the same command."
        })
final class GcCommand implements Callable<Integer> {
    private static final Duration IN_BUCKET = Duration.ofDays(1);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Further experiments whose results are needed.")
    List<Path> files = List.of();

    @Option(names = "--delete", description = "Delete what is listed. Without it nothing is deleted.")
    boolean delete;

    @Option(
            names = "--without",
            paramLabel = "NAME,...",
            split = ",",
            description =
                    "Recorded experiments that are no longer needed; with --delete their records, logs and reports are"
                            + " deleted, too. An experiment of a cluster is deleted with kubectl.")
    Set<String> without = new LinkedHashSet<>();

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            description =
                    "Keep what was changed since, such as 36h or 7d. Default: 1d, as other machines may write; 0s in a work"
                            + " folder, in which nothing runs meanwhile.")
    @Nullable
    String olderThan;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    @SuppressWarnings("try") // the lock is only held
    public Integer call() throws IOException {
        List<Source> needed = files.isEmpty() ? List.of() : ExperimentFiles.read(files);
        if (place.isCluster()) {
            if (!without.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "--without is for records of `moco run`; delete resources with kubectl");
            }
            try (StoredExperiments store = place.open(true)) {
                return collect(store, needed);
            }
        }
        try (LocalExperiments store = place.openLocal()) {
            if (!delete || store.isBucket()) {
                return collect(store, needed);
            }
            try (WorkFolder.Lock lock = store.work().lock()) {
                return collect(store, needed);
            }
        }
    }

    private int collect(StoredExperiments store, List<Source> needed) throws IOException {
        Instant now = Instant.now();
        boolean folder = store instanceof LocalExperiments local && !local.isBucket();
        // Before they are read: one that changes later is not among them.
        Map<String, String> recorded = store.records().stamps();
        checkNames(store);
        refuseUnreadable(store);
        StoreUse use = StoreUse.of(store, needed, without, before(now, folder));
        if (use.experiments().isEmpty() && without.isEmpty()) {
            throw StageFailure.badConfig(
                    "no experiments are known in " + store.place()
                            + ", so that all results would be deleted; name those whose results are needed as FILE, or run them");
        }
        System.out.println("Needed by " + (use.experiments().isEmpty() ? "none" : names(use)) + ".");
        use.garbageLines(now).forEach(System.out::println);
        if (!use.foreign().isEmpty()) {
            System.out.println(use.foreign().size() + " objects, " + StoreUse.size(StageObjects.bytes(use.foreign()))
                    + ", have names that no stage makes, and are kept.");
        }
        long bytes = use.garbage().stream().mapToLong(Garbage::bytes).sum();
        if (!delete) {
            System.out.println(
                    use.garbage().isEmpty()
                            ? "Nothing to delete in " + store.place() + "."
                            : StoreUse.size(bytes) + " to delete in " + store.place() + "; --delete deletes them.");
            return ExitCode.DONE;
        }
        if (!folder) {
            refuseUnknownWriters(store, use);
        }
        return delete(store, use, recorded);
    }

    private int delete(StoredExperiments store, StoreUse use, Map<String, String> recorded) throws IOException {
        if (store instanceof LocalExperiments local) {
            for (String name : without) {
                FileTree.delete(Files.createDirectories(local.work().logs(name)));
                FileTree.delete(Files.createDirectories(local.work().reports(name)));
                // Last, so that the same command goes on after an interruption; then no results are needed without it.
                local.records().delete(name);
            }
        }
        GarbageCollection done = GarbageCollection.delete(
                store.artifacts().objects(),
                use.garbage(),
                () -> recorded.entrySet().containsAll(store.records().stamps().entrySet()));
        if (store instanceof LocalExperiments local && !local.isBucket()) {
            local.work().deleteEmptyFolders();
        }
        System.out.println(
                "Deleted " + StoreUse.size(done.bytes()) + " of " + done.keys() + " stages in " + store.place() + ".");
        done.kept().forEach(kept -> System.err.println("moco: kept: " + Printable.message(kept)));
        return done.kept().isEmpty() ? ExitCode.DONE : ExitCode.FAULT;
    }

    private void checkNames(StoredExperiments store) throws IOException {
        RunRecords.All all = store.records().all();
        Set<String> names = new TreeSet<>(all.unreadable().keySet());
        all.recorded().forEach(recorded -> names.add(recorded.name()));
        for (String name : without) {
            if (!names.contains(name)) {
                throw StageFailure.badConfig("--without: no experiment \"" + name + "\" in " + store.place()
                        + (names.isEmpty()
                                ? ", which has none"
                                : "; nearest is \"" + NearestName.of(name, names) + "\", `moco list` lists all"));
            }
        }
    }

    /** An unfinished stage that is written, and not needed, is of an experiment that is not known here and reads other stages. */
    private static void refuseUnknownWriters(StoredExperiments store, StoreUse use) {
        List<String> written = use.stages().stream()
                .filter(stage -> stage.neededBy().isEmpty()
                        && stage.objects().isEmpty()
                        && !stage.found().isCommitted())
                .map(stage -> stage.found().prefix())
                .toList();
        if (!written.isEmpty()) {
            throw StageFailure.badConfig("nothing is deleted in " + store.place()
                    + ": another machine or cluster may write " + String.join(", ", written)
                    + ", which no experiment here needs, and read the rest; name its experiments as FILE, or its cluster with"
                    + " --context, or wait as long as --older-than");
        }
    }

    private static String names(StoreUse use) {
        return use.experiments().stream().sorted().collect(Collectors.joining(", "));
    }

    /** An experiment that cannot be read may need anything. */
    private void refuseUnreadable(StoredExperiments store) throws IOException {
        Map<String, String> unreadable = new TreeMap<>(store.unreadable());
        unreadable.keySet().removeAll(without);
        if (!unreadable.isEmpty()) {
            List<String> lines = new ArrayList<>();
            unreadable.forEach((name, reason) -> lines.add(name + ": " + reason));
            throw StageFailure.badConfig("what these experiments need is not known, so that nothing is deleted:\n  "
                    + String.join("\n  ", lines)
                    + "\n  mend or delete them; --without leaves out records of `moco run`");
        }
    }

    private Instant before(Instant now, boolean folder) {
        String given = olderThan;
        if (given == null) {
            // In a work folder everything before now, and what the clock of its disk has as now.
            return folder ? now.plusSeconds(60) : now.minus(IN_BUCKET);
        }
        if (!given.matches("\\d{1,6}[smhd]")) {
            throw new ParameterException(
                    spec.commandLine(), "--older-than must be a number with s, m, h or d, found \"" + given + "\"");
        }
        long amount = Long.parseLong(given.substring(0, given.length() - 1));
        Duration age = switch (given.charAt(given.length() - 1)) {
            case 's' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 'h' -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
        return now.minus(age);
    }
}
