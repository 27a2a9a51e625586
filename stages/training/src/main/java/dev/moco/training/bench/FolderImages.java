package dev.moco.training.bench;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Images below a folder. A bench sets the size of the set: files of a smaller folder are repeated, of a larger one a
 * random sample is drawn. The images' sizes are not read.
 */
final class FolderImages implements ImageSet {
    private final List<Path> files;
    private final List<Sample> samples;
    private final List<String> classes;
    private final int size;

    private FolderImages(Path folder, List<Path> files, int size) {
        this.files = files;
        this.size = size;
        this.classes = files.stream()
                .map(file -> className(folder, file))
                .distinct()
                .sorted()
                .toList();
        this.samples = files.stream()
                .map(file -> new Sample(
                        folder.relativize(file).toString(), 1, 1, classes.indexOf(className(folder, file)), List.of()))
                .toList();
    }

    /**
     * Lists a folder of class folders.
     *
     * @param size number of images of the set
     * @throws StageFailure bad configuration if there is no folder, or no image in it
     */
    static FolderImages of(Path folder, int size) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw StageFailure.badConfig("no folder " + folder + "; it must hold class folders of JPEGs or PNGs");
        }
        List<Path> files = draw(folder, size);
        if (files.isEmpty()) {
            throw StageFailure.badConfig(
                    "no .jpg, .jpeg or .png file below " + folder + "; it must hold class folders of JPEGs or PNGs");
        }
        return new FolderImages(folder, files, size);
    }

    /**
     * Draws a uniform random sample of the images (reservoir sampling), or all if there are not more than {@code
     * count}.
     */
    private static List<Path> draw(Path folder, int count) throws IOException {
        List<Path> drawn = new ArrayList<>();
        CounterRandom random = CounterRandom.of(0);
        try (Stream<Path> all = Files.walk(folder)) {
            long seen = 0;
            for (Path file : (Iterable<Path>) all.filter(FolderImages::isImage)::iterator) {
                seen++;
                if (drawn.size() < count) {
                    drawn.add(file);
                } else {
                    long place = random.nextLong(seen);
                    if (place < count) {
                        drawn.set((int) place, file);
                    }
                }
            }
        }
        Collections.sort(drawn);
        return drawn;
    }

    private static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return (name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png")) && Files.isRegularFile(file);
    }

    private static String className(Path folder, Path file) {
        return folder.relativize(file.resolveSibling("")).toString();
    }

    /** Number of different files of the set. */
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
        return samples.get(index % samples.size());
    }

    @Override
    public byte[] encoded(int index) throws IOException {
        return Files.readAllBytes(files.get(index % files.size()));
    }
}
