package dev.moco.operator.cli;

import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ExitCode;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.StoreUse;
import dev.moco.operator.client.StoredExperiments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code moco du}: the sizes of results. */
@Command(
        name = "du",
        mixinStandardHelpOptions = true,
        description =
                "Prints the sizes of results and checkpoints, and which experiments need them: in the store of the cluster,"
                        + " in a work folder with --work, in a bucket with --store.")
final class DuCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    public Integer call() throws IOException {
        Instant now = Instant.now();
        try (StoredExperiments store = place.open(false)) {
            StoreUse use = StoreUse.of(store, List.of(), Set.of(), now);
            use.usage(now).forEach(System.out::println);
            long bytes = use.stages().stream()
                    .mapToLong(stage -> stage.found().bytes())
                    .sum();
            print(bytes, use.stages().size() + " stages in " + store.place());
            if (!use.foreign().isEmpty()) {
                print(
                        StageObjects.bytes(use.foreign()),
                        "other objects among them, " + use.foreign().size());
            }
            if (store instanceof LocalExperiments local) {
                print(
                        size(local.work().cache()),
                        "copies and scratch files in " + local.work().cache()
                                + ", which may be deleted while nothing runs");
            }
            return ExitCode.DONE;
        }
    }

    private static void print(long bytes, String what) {
        System.out.printf("%10s  %s%n", StoreUse.size(bytes), what);
    }

    private static long size(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .mapToLong(DuCommand::bytes)
                    .sum();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Size of a file; 0 if it was deleted meanwhile. */
    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
