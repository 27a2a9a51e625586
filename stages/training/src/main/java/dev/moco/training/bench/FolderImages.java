package dev.moco.training.bench;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * JPEGs and PNGs below a folder, over and over again: a bench takes as many as it asks for in one epoch. Sizes are not
 * read.
 */
final class FolderImages implements ImageSet {
    private final Path folder;
    private final List<Path> files;
    private final List<String> classes;
    private final int size;

    private FolderImages(Path folder, List<Path> files, int size) {
        this.folder = folder;
        this.files = files;
        this.size = size;
        this.classes = files.stream().map(this::className).distinct().sorted().toList();
    }

    /**
     * Lists a folder of class folders.
     *
     * @param size images of the set, the files being taken in turn
     * @throws StageFailure bad configuration if there is no folder, or no image in it
     */
    static FolderImages of(Path folder, int size) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw StageFailure.badConfig("no folder " + folder + "; it must hold class folders of JPEGs or PNGs");
        }
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(FolderImages::isImage).sorted().toList();
        }
        if (files.isEmpty()) {
            throw StageFailure.badConfig(
                    "no .jpg, .jpeg or .png file below " + folder + "; it must hold class folders of JPEGs or PNGs");
        }
        return new FolderImages(folder, files, size);
    }

    private static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return (name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png")) && Files.isRegularFile(file);
    }

    private String className(Path file) {
        return folder.relativize(file.resolveSibling("")).toString();
    }

    /** Different files. */
    int files() {
        return files.size();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public List<String> classNames() {
        return classes;
    }

    @Override
    public Sample sample(int index) {
        Path file = files.get(index % files.size());
        return new Sample(folder.relativize(file).toString(), 1, 1, classes.indexOf(className(file)), List.of());
    }

    @Override
    public byte[] encoded(int index) throws IOException {
        return Files.readAllBytes(files.get(index % files.size()));
    }
}
