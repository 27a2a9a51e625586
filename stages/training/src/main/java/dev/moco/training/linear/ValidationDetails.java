package dev.moco.training.linear;

import dev.moco.contract.Picture;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ValidationSamples.ClassCount;
import dev.moco.contract.ValidationSamples.Confusion;
import dev.moco.contract.ValidationSamples.Neighbor;
import dev.moco.contract.ValidationSamples.Neighbors;
import dev.moco.contract.ValidationSamples.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Facts of a pass over the validation images for the report: confusions, neighbors, and an embedding. */
final class ValidationDetails {
    /** Images whose features are kept: neighbors are looked for among them. */
    static final int KEPT = 1024;

    private static final int POINTS = 400;
    private static final int QUERIES = 6;
    private static final int NEAREST = 5;
    private static final int MAX_NAME = 256;

    private final List<String> classNames;
    private final int interval;
    private final long[] images;
    private final long[] correct;
    /** Number of images by class and predicted class, {@code truth * classes + predicted}. */
    private final Map<Long, Long> confusions = new HashMap<>();

    private final List<Kept> kept = new ArrayList<>();

    /** An image of the set with its features, which are of unit length. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(int index, int label, float[] features) {}

    /**
     * Begins without images.
     *
     * @param size images of the set
     */
    ValidationDetails(List<String> classNames, int size) {
        this.classNames = classNames.stream()
                .map(name -> name.substring(0, Math.min(MAX_NAME, name.length())))
                .toList();
        this.interval = Math.max(1, (size + KEPT - 1) / KEPT);
        this.images = new long[classNames.size()];
        this.correct = new long[classNames.size()];
    }

    /** True if the features of an image are kept. */
    boolean keeps(int index) {
        return index % interval == 0;
    }

    /** Adds an image. */
    void add(int label, long predicted) {
        images[label]++;
        if (label == predicted) {
            correct[label]++;
        } else {
            confusions.merge((long) label * classNames.size() + predicted, 1L, Long::sum);
        }
    }

    /** Keeps the features of an image. */
    void add(int index, int label, float[] features) {
        double squares = 0;
        for (float value : features) {
            squares += (double) value * value;
        }
        float length = (float) Math.max(1e-12, Math.sqrt(squares));
        float[] unit = new float[features.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = features[i] / length;
        }
        kept.add(new Kept(index, label, unit));
    }

    /**
     * The details.
     *
     * @param thumbnail picture of an image of the set, without a label
     */
    ValidationSamples samples(IntFunction<Picture> thumbnail) {
        return new ValidationSamples(classes(), mostFrequent(), neighbors(thumbnail), embedding());
    }

    private List<ClassCount> classes() {
        List<ClassCount> classes = IntStream.range(0, images.length)
                .mapToObj(i -> new ClassCount(classNames.get(i), images[i], correct[i]))
                .toList();
        return classes.size() <= ValidationSamples.MAX_CLASSES
                ? classes
                : classes.stream()
                        .sorted(Comparator.comparingDouble(ClassCount::accuracy))
                        .limit(ValidationSamples.MAX_CLASSES)
                        .toList();
    }

    private List<Confusion> mostFrequent() {
        int classes = classNames.size();
        return confusions.entrySet().stream()
                .sorted(Map.Entry.<Long, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(ValidationSamples.MAX_CONFUSIONS)
                .map(entry -> new Confusion(
                        classNames.get((int) (entry.getKey() / classes)),
                        classNames.get((int) (entry.getKey() % classes)),
                        entry.getValue()))
                .toList();
    }

    private List<Neighbors> neighbors(IntFunction<Picture> thumbnail) {
        return queries().stream()
                .map(query -> new Neighbors(
                        picture(query, thumbnail),
                        kept.stream()
                                .filter(other -> other.index() != query.index())
                                .sorted(Comparator.comparingDouble((Kept other) -> -similarity(query, other)))
                                .limit(NEAREST)
                                .map(other -> new Neighbor(picture(other, thumbnail), similarity(query, other)))
                                .toList()))
                .toList();
    }

    /** Images of different classes, as far as there are so many. */
    private List<Kept> queries() {
        Set<Kept> queries = new LinkedHashSet<>();
        Set<Integer> labels = new LinkedHashSet<>();
        kept.stream().filter(image -> labels.add(image.label())).limit(QUERIES).forEach(queries::add);
        kept.stream().limit(QUERIES).forEach(queries::add);
        return queries.stream().limit(QUERIES).toList();
    }

    private Picture picture(Kept image, IntFunction<Picture> thumbnail) {
        Picture bare = thumbnail.apply(image.index());
        return new Picture(classNames.get(image.label()), bare.width(), bare.height(), bare.jpeg());
    }

    private static double similarity(Kept one, Kept other) {
        double sum = 0;
        for (int i = 0; i < one.features().length; i++) {
            sum += (double) one.features()[i] * other.features()[i];
        }
        return sum;
    }

    private List<Point> embedding() {
        int every = Math.max(1, (kept.size() + POINTS - 1) / POINTS);
        List<Kept> shown = IntStream.range(0, kept.size())
                .filter(i -> i % every == 0)
                .mapToObj(kept::get)
                .toList();
        double[][] coordinates =
                PrincipalComponents.of(shown.stream().map(Kept::features).toArray(float[][]::new));
        return IntStream.range(0, shown.size())
                .mapToObj(i -> new Point(classNames.get(shown.get(i).label()), coordinates[i][0], coordinates[i][1]))
                .toList();
    }
}
