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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
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

    static final String LIST = "checkpoint.json";
    private static final int KEPT = 2;
    private static final int MAX_FILES = 100;
    /**
     * Allowed names of objects below the checkpoint, which end in the file's name; a list that was altered must not write
     * outside the folder to which it is restored. Older checkpoints have the file's name alone.
     */
    private static final Pattern OBJECT = Pattern.compile("(?:files/[0-9a-f]{64}/)?(\\w[\\w.-]*)");

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

    /** Uploads all files of a folder as the checkpoint of a step, then deletes all checkpoints but the newest two. */
    public void save(long step, Path folder) throws IOException {
        String at = prefix(step);
        List<FileEntry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                FileEntry entry = VerifiedFiles.entry(file.getFileName().toString(), file);
                objects.upload(at + entry.object(), file);
                entries.add(new FileEntry(entry.object(), entry.size(), entry.sha256()));
            }
        }
        // May overwrite the list of another writer of the same step: the files of both are there.
        objects.put(at + LIST, CanonicalJson.bytes(new FileList(step, entries)));
        prune();
    }

    private String prefix(long step) {
        return prefix + String.format(Locale.ROOT, "%012d/", step);
    }

    /** Copies the newest intact checkpoint to an empty folder; returns its step. */
    public OptionalLong restore(Path folder) throws IOException {
        for (Map.Entry<Long, String> committed : committed().descendingMap().entrySet()) {
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

    /** Lists the prefixes of committed checkpoints by step. */
    private NavigableMap<Long, String> committed() throws IOException {
        NavigableMap<Long, String> steps = new TreeMap<>();
        objects.list(prefix, entry -> {
            if (entry.key().endsWith("/" + LIST)) {
                String at = entry.key().substring(0, entry.key().length() - LIST.length());
                String name = at.substring(prefix.length(), at.length() - 1);
                if (name.matches("\\d{12}")) {
                    steps.put(Long.parseLong(name), at);
                }
            }
        });
        return steps;
    }

    private void prune() throws IOException {
        NavigableMap<Long, String> steps = committed();
        while (steps.size() > KEPT) {
            delete(steps.pollFirstEntry().getValue());
        }
    }

    /** Deletes all checkpoints, which are not needed after the stage's commit. */
    public void clear() throws IOException {
        for (String at : committed().values()) {
            delete(at);
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
