package dev.moco.artifacts;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of one stage. Files are uploaded first, under names unique to their content, so that two writers of a step
 * do not mix their files; writing the list of them commits the checkpoint.
 */
public final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    /** Folder of checkpoints below the prefix of a stage. */
    static final String FOLDER = "checkpoints/";

    /** Name of the list of a checkpoint's files. */
    public static final String LIST = "checkpoint.json";

    /** Object beside the list of a checkpoint that stays when older ones are deleted. */
    private static final String KEPT = "kept";

    private static final int NEWEST = 2;
    private static final int MAX_FILES = 100;
    /**
     * Allowed names of objects below the checkpoint, which end in the file's name; a list that was altered must not write
     * outside the folder to which it is restored. Older checkpoints have the file's name alone.
     */
    private static final Pattern OBJECT = Pattern.compile("(?:files/[0-9a-f]{64}/)?(\\w[\\w.-]*)");

    /** Objects that say what a checkpoint is, by its step. */
    private static final Pattern MARK = Pattern.compile("(\\d{12})/(" + Pattern.quote(LIST) + "|" + KEPT + ")");

    private final ObjectStore objects;
    private final String prefix;

    Checkpoints(ObjectStore objects, String prefix) {
        this.objects = objects;
        this.prefix = prefix;
    }

    /** List of the files of a checkpoint, whose paths are the names of their objects. */
    record FileList(long step, List<FileEntry> files) {
        FileList {
            if (files.size() > MAX_FILES) {
                throw new IllegalArgumentException(
                        "a checkpoint must have at most " + MAX_FILES + " files, found " + files.size());
            }
            files = List.copyOf(files);
            files.forEach(FileList::name);
        }

        /** Name of a file in the folder to which it is restored. */
        static String name(FileEntry file) {
            Matcher object = OBJECT.matcher(file.path());
            if (!object.matches()) {
                throw new IllegalArgumentException("a file of a checkpoint must be named like state.bin");
            }
            return object.group(1);
        }
    }

    /** Prefixes of checkpoints by step, and the steps of those that are kept. */
    private record Committed(NavigableMap<Long, String> steps, NavigableSet<Long> kept) {}

    /**
     * A file of a checkpoint.
     *
     * @param step the checkpoint's step
     * @param entry the file, whose path is the name of its object below the checkpoint's
     */
    public record CheckpointFile(long step, FileEntry entry) {}

    /**
     * Finds a file by its name in a {@value #LIST}; empty if the checkpoint has no such file.
     *
     * @throws StageFailure bad data for anything else than such a list
     */
    public static Optional<CheckpointFile> find(byte[] list, String name) {
        try {
            FileList files = CanonicalJson.read(list, FileList.class);
            return files.files().stream()
                    .filter(file -> FileList.name(file).equals(name))
                    .findFirst()
                    .map(file -> new CheckpointFile(files.step(), file));
        } catch (UncheckedIOException e) {
            throw StageFailure.badData(LIST + " is " + e.getMessage(), e);
        }
    }

    /** Uploads a checkpoint that is deleted once it is not among the newest two, or the stage has ended. */
    public void save(long step, Path folder) throws IOException {
        save(step, folder, false);
    }

    /**
     * Uploads all files of a folder as the checkpoint of a step, then deletes all checkpoints but the newest two and those
     * that are kept.
     *
     * @param keep true if it stays, also after the stage has ended
     */
    public void save(long step, Path folder, boolean keep) throws IOException {
        String at = prefix(step);
        List<FileEntry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                FileEntry entry = VerifiedFiles.entry(file.getFileName().toString(), file);
                objects.upload(at + entry.object(), file);
                entries.add(new FileEntry(entry.object(), entry.size(), entry.sha256()));
            }
        }
        if (keep) {
            // Before the list: a checkpoint is never there without it.
            objects.put(at + KEPT, new byte[] {'\n'});
        }
        // May overwrite the list of another writer of the same step: the files of both are there.
        objects.put(at + LIST, CanonicalJson.bytes(new FileList(step, entries)));
        deleteAllBut(NEWEST);
    }

    private String prefix(long step) {
        return prefix + String.format(Locale.ROOT, "%012d/", step);
    }

    /** Path of a checkpoint below the store's prefix, whether it is there or not. */
    public String path(long step) {
        String at = prefix(step);
        return at.substring(0, at.length() - 1);
    }

    /** Steps of the checkpoints that are kept. */
    public NavigableSet<Long> kept() throws IOException {
        return committed().kept();
    }

    /** Copies the newest intact checkpoint to an empty folder; returns its step. */
    public OptionalLong restore(Path folder) throws IOException {
        return restore(folder, committed().steps());
    }

    /**
     * Copies the newest intact one of the kept checkpoints to an empty folder; returns its step.
     *
     * @param most step of the newest that may be taken
     */
    public OptionalLong restoreKept(Path folder, long most) throws IOException {
        Committed found = committed();
        NavigableMap<Long, String> allowed = new TreeMap<>(found.steps().headMap(most, true));
        allowed.keySet().retainAll(found.kept());
        return restore(folder, allowed);
    }

    private OptionalLong restore(Path folder, NavigableMap<Long, String> steps) throws IOException {
        for (Map.Entry<Long, String> committed : steps.descendingMap().entrySet()) {
            String at = committed.getValue();
            Optional<byte[]> list = objects.get(at + LIST);
            try {
                if (list.isPresent()) {
                    FileList files = CanonicalJson.read(list.get(), FileList.class);
                    if (files.step() != committed.getKey()) {
                        throw StageFailure.badData("its list is that of step " + files.step());
                    }
                    for (FileEntry file : files.files()) {
                        VerifiedFiles.download(objects, at + file.path(), file, folder.resolve(FileList.name(file)));
                    }
                    return OptionalLong.of(files.step());
                }
            } catch (UncheckedIOException | StageFailure | NoSuchFileException e) {
                // Damaged or missing files: use an older checkpoint. After a failure of the store, do not.
                if (e instanceof StageFailure failure && failure.exitCode() != ExitCode.BAD_DATA) {
                    throw failure;
                }
                LOG.warn("checkpoint {} is damaged, using the one before it: {}", at, e.getMessage());
                deleteFiles(folder);
            }
        }
        return OptionalLong.empty();
    }

    private static void deleteFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Lists the committed checkpoints. */
    private Committed committed() throws IOException {
        NavigableMap<Long, String> steps = new TreeMap<>();
        NavigableSet<Long> kept = new TreeSet<>();
        objects.list(prefix, entry -> {
            Matcher object = MARK.matcher(entry.key().substring(prefix.length()));
            if (object.matches()) {
                long step = Long.parseLong(object.group(1));
                if (object.group(2).equals(LIST)) {
                    steps.put(step, prefix(step));
                } else {
                    kept.add(step);
                }
            }
        });
        kept.retainAll(steps.keySet());
        return new Committed(steps, kept);
    }

    /** Deletes the checkpoints that are not kept, which are not needed after the stage's commit. */
    public void clear() throws IOException {
        deleteAllBut(0);
    }

    /** Deletes all checkpoints but some newest ones and those that are kept. */
    private void deleteAllBut(int newest) throws IOException {
        Committed found = committed();
        long older = Math.max(0, found.steps().size() - newest);
        for (long step : found.steps().keySet().stream().limit(older).toList()) {
            if (!found.kept().contains(step)) {
                delete(prefix(step));
            }
        }
    }

    private void delete(String at) throws IOException {
        // The list first, so that files left by an interrupted deletion are not taken for a checkpoint.
        objects.delete(at + LIST);
        List<String> keys = new ArrayList<>();
        objects.list(at, entry -> keys.add(entry.key()));
        for (String key : keys) {
            objects.delete(key);
        }
    }
}
