package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.training.data.shards.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTableTest {
    /** Heap of {@code main}: without images it takes about 20 MB. */
    private static final String HEAP = "-Xmx256m";

    private static final int TRAIN = 1_281_167;
    private static final int VALIDATION = 50_000;

    @Test
    void imagesAreSortedByIdInAnyOrderOfFiles() {
        ImageTable.Builder images = new ImageTable.Builder();
        // A class whose name begins with that of another: "-" is before "/".
        images.add("a", "x.JPEG", 5, 50);
        images.add("b", "deep/z.JPEG", 6, 60);
        images.add("a-b", "y.JPEG", 7, 70);
        images.add("a", "ä.JPEG", 8, 80);
        List<String> classNames = List.of("a", "a-b", "b", "c");

        ImageTable table = images.build((className, name) -> "train/" + className + "/" + name, classNames);

        assertThat(table)
                .containsExactly(
                        new RawImage("a-b/y.JPEG", new Extent("train/a-b/y.JPEG", 7, 70), 1, null),
                        new RawImage("a/x.JPEG", new Extent("train/a/x.JPEG", 5, 50), 0, null),
                        new RawImage("a/ä.JPEG", new Extent("train/a/ä.JPEG", 8, 80), 0, null),
                        new RawImage("b/z.JPEG", new Extent("train/b/deep/z.JPEG", 6, 60), 2, null));
    }

    @Test
    void aFullListingFitsInASmallHeap(@TempDir Path folder) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ImageTableTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exit = process.waitFor();
        List<String> lines = Files.readAllLines(output);
        assertThat(exit).as(String.join("\n", lines)).isZero();
        assertThat(lines).last().isEqualTo(TRAIN + " " + VALIDATION);
    }

    /** Lists and shuffles class folders with as many files as ImageNet has. */
    public static void main(String[] arguments) throws Exception {
        RawFiles files = new RawFiles() {
            @Override
            public void list(Consumer<RawFile> each) {
                for (int i = 0; i < TRAIN; i++) {
                    each.accept(new RawFile(path("train", i, TRAIN), i));
                }
                for (int i = 0; i < VALIDATION; i++) {
                    each.accept(new RawFile(path("val", i, VALIDATION), i));
                }
            }

            @Override
            public int mostReads() {
                return 1;
            }

            @Override
            public byte[] range(String path, long offset, int length) {
                throw new UnsupportedOperationException(path);
            }
        };
        RawDataset raw = ImagenetLayout.list(
                files, EmptyParts.in(Path.of("no tar, no parts")), new ListingProgress(report -> {}, () -> false));
        List<RawImage> shuffled =
                RawShuffle.of(Objects.requireNonNull(raw.splits().get(Split.TRAIN)), 7);
        long bytes = 0;
        for (RawImage image : shuffled) {
            bytes += image.image().length();
        }
        if (bytes != TRAIN * (TRAIN - 1L) / 2) {
            throw new IllegalStateException("images are missing: " + bytes);
        }
        System.out.println(shuffled.size() + " "
                + Objects.requireNonNull(raw.splits().get(Split.VALIDATION)).size());
    }

    private static String path(String root, int file, int files) {
        int label = (int) (file * 1000L / files);
        return String.format(Locale.ROOT, "%s/n%08d/n%08d_%08d.JPEG", root, label, label, file);
    }
}
