package dev.moco.fullsize;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** ILSVRC2012 of any size, as its official archives and as class folders; images are drawn from a pool. */
final class Imagenet {
    private static final long TRAIN_SEED = 1;
    private static final long VALIDATION_SEED = 2;

    private final ImagePool pool;
    private final int validationImages;
    /** Number of each class's first image in all training images; then their count. */
    private final int[] firsts;
    /** Numbers in the names of each class's images, in the order of the names. */
    private final int[][] numbers;

    Imagenet(ImagePool pool, int classes, int trainImages, int validationImages) {
        this.pool = pool;
        this.validationImages = validationImages;
        int[] counts = counts(classes, trainImages);
        firsts = new int[classes + 1];
        numbers = new int[classes][];
        for (int i = 0; i < classes; i++) {
            firsts[i + 1] = firsts[i] + counts[i];
            numbers[i] = numbers(i, counts[i]);
        }
    }

    /** Most classes have 1.5% more than the mean, which is 1,300; a tenth has fewer. */
    private static int[] counts(int classes, int images) {
        int most = (int) Math.ceil(images * 1.0147 / classes);
        int[] counts = new int[classes];
        Arrays.fill(counts, most);
        int smaller = classes / 10 + 1;
        long missing = (long) most * classes - images;
        long weights = weight(smaller);
        for (int i = 0; i < smaller; i++) {
            counts[i * (classes / smaller)] -=
                    (int) (missing * weight(i + 1) / weights - missing * weight(i) / weights);
        }
        return counts;
    }

    private static long weight(long smaller) {
        return smaller * smaller;
    }

    private static int[] numbers(int label, int count) {
        return IntStream.range(0, count)
                .map(i -> 9 * i + Mix.number(label, i, 9))
                .boxed()
                .sorted((a, b) -> String.valueOf(a).compareTo(String.valueOf(b)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private int classes() {
        return numbers.length;
    }

    private int trainImages() {
        return firsts[classes()];
    }

    private static String synset(int label) {
        return String.format(Locale.ROOT, "n%08d", 1_440_764 + label * 13_647);
    }

    private String trainName(int label, int i) {
        return synset(label) + "_" + numbers[label][i] + ".JPEG";
    }

    private Content trainImage(int label, int i) {
        return pool.draw(TRAIN_SEED, firsts[label] + i).content();
    }

    private static String validationName(int image) {
        return String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", image + 1);
    }

    private Content validationImage(int image) {
        return pool.draw(VALIDATION_SEED, image).content();
    }

    /** Class of a validation image: classes have the same number of them, give or take one. */
    private int validationLabel(int image) {
        return (int) (image * 7919L % classes());
    }

    /** The three archives that are downloaded. */
    KeyedObjects archives() {
        TarContent train = new TarContent(new ClassArchives(
                IntStream.range(0, classes()).mapToObj(this::classArchive).toList()));
        return KeyedObjects.of(Map.of(
                "ILSVRC2012_img_train.tar",
                train,
                "ILSVRC2012_img_val.tar",
                new TarContent(new ValidationArchive()),
                "ILSVRC2012_devkit_t12.tar.gz",
                Content.of(developmentKit())));
    }

    private Content classArchive(int label) {
        return new TarContent(new KeyedObjects() {
            @Override
            public int count() {
                return numbers[label].length;
            }

            @Override
            public String key(int position) {
                return trainName(label, position);
            }

            @Override
            public Content object(int position) {
                return trainImage(label, position);
            }
        });
    }

    private record ClassArchives(List<Content> archives) implements KeyedObjects {
        @Override
        public int count() {
            return archives.size();
        }

        @Override
        public String key(int position) {
            return synset(position) + ".tar";
        }

        @Override
        public Content object(int position) {
            return archives.get(position);
        }
    }

    private final class ValidationArchive implements KeyedObjects {
        @Override
        public int count() {
            return validationImages;
        }

        @Override
        public String key(int position) {
            return validationName(position);
        }

        @Override
        public Content object(int position) {
            return validationImage(position);
        }
    }

    /** Labels of the validation images: ids from 1 on, in another order than that of the classes' names. */
    private byte[] developmentKit() {
        StringBuilder truth = new StringBuilder();
        for (int image = 0; image < validationImages; image++) {
            truth.append(classes() - validationLabel(image)).append('\n');
        }
        StringBuilder synsets = new StringBuilder();
        for (int label = 0; label < classes(); label++) {
            synsets.append(synset(label)).append(' ').append(classes() - label).append(" thing\n");
        }
        TarContent tar = new TarContent(KeyedObjects.of(Map.of(
                "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", text(truth),
                "ILSVRC2012_devkit_t12/data/map_clsloc.txt", text(synsets))));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            tar.write(0, tar.size(), gzip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static Content text(StringBuilder text) {
        return Content.of(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Class folders {@code train/<synset>/} and {@code val/<synset>/}. */
    KeyedObjects folders() {
        return new Folders();
    }

    private final class Folders implements KeyedObjects {
        /** Validation images by class, then by name. */
        private final int[] validation = IntStream.range(0, validationImages)
                .boxed()
                .sorted((a, b) -> validationLabel(a) == validationLabel(b)
                        ? Integer.compare(a, b)
                        : Integer.compare(validationLabel(a), validationLabel(b)))
                .mapToInt(Integer::intValue)
                .toArray();

        @Override
        public int count() {
            return trainImages() + validationImages;
        }

        @Override
        public String key(int position) {
            if (position < trainImages()) {
                int label = label(position);
                return "train/" + synset(label) + "/" + trainName(label, position - firsts[label]);
            }
            int image = validation[position - trainImages()];
            return "val/" + synset(validationLabel(image)) + "/" + validationName(image);
        }

        @Override
        public Content object(int position) {
            if (position < trainImages()) {
                int label = label(position);
                return trainImage(label, position - firsts[label]);
            }
            return validationImage(validation[position - trainImages()]);
        }

        private int label(int position) {
            int found = Arrays.binarySearch(firsts, position);
            return found >= 0 ? found : -found - 2;
        }
    }
}
