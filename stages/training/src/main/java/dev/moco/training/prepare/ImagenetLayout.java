package dev.moco.training.prepare;

import dev.moco.artifacts.StoredParts;
import dev.moco.contract.ImageNames;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.Split;
import dev.moco.training.prepare.RawFiles.RawFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists ImageNet: the official tars, or class folders below {@code train/} and {@code val/}, or a flat {@code val/} with
 * its ground truth. An image has the name {@code <class>/<file>} in every layout, so all layouts make the same shards.
 */
final class ImagenetLayout {
    static final String TRAIN_TAR = "ILSVRC2012_img_train.tar";
    static final String VALIDATION_TAR = "ILSVRC2012_img_val.tar";
    private static final String TRAIN = "train/";
    private static final String VALIDATION = "val/";
    private static final int ROOTS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(ImagenetLayout.class);
    private final RawFiles files;
    private final ListingProgress progress;
    /** Archives and files of the ground truth. */
    private final Map<String, Extent> named = new TreeMap<>();
    /** Names at the root, at most {@link #ROOTS}, for messages. */
    private final TreeSet<String> roots = new TreeSet<>();

    private final ImageTable.Builder training = new ImageTable.Builder();
    /** Classes, and whether they have images. */
    private final TreeMap<String, Boolean> trainingClasses = new TreeMap<>();

    private final ImageTable.Builder validation = new ImageTable.Builder();
    private final TreeMap<String, Boolean> validationClasses = new TreeMap<>();
    private final List<TarListing.Member> flatValidation = new ArrayList<>();
    /** Files of class folders that do not have the name of an image. */
    private long others;

    private String firstOther = "";

    private ImagenetLayout(RawFiles files, ListingProgress progress) {
        this.files = files;
        this.progress = progress;
    }

    static RawDataset list(RawFiles files, StoredParts parts, ListingProgress progress) throws IOException {
        ImagenetLayout layout = new ImagenetLayout(files, progress);
        files.list(layout::add);
        try (TarListing tars = new TarListing(files, parts, progress)) {
            layout.listTraining(tars);
            List<String> classNames = List.copyOf(layout.trainingClasses.navigableKeySet());
            List<RawImage> validation = layout.validation(tars, classNames);
            ImageTable.Place place = layout.named.containsKey(TRAIN_TAR)
                    ? (className, name) -> TRAIN_TAR
                    : (className, name) -> TRAIN + className + "/" + name;
            if (layout.others > 0) {
                LOG.warn(
                        "passed over files without a name of an image, files={} first={}",
                        layout.others,
                        layout.firstOther);
            }
            List<RawImage> train = layout.training.build(place, classNames);
            return new RawDataset(classNames, Map.of(Split.TRAIN, train, Split.VALIDATION, validation));
        }
    }

    private void add(RawFile file) {
        progress.listed();
        String path = file.path();
        int slash = path.indexOf('/');
        roots.add(slash < 0 ? path : path.substring(0, slash + 1));
        if (roots.size() > ROOTS) {
            roots.pollLast();
        }
        Extent whole = new Extent(path, 0, file.size());
        if (path.equals(TRAIN_TAR) || path.equals(VALIDATION_TAR) || ValidationGroundTruth.isNeeded(path)) {
            named.put(path, whole);
        } else if (path.startsWith(TRAIN)) {
            addToClass(training, TRAIN, file, trainingClasses);
        } else if (path.startsWith(VALIDATION) && path.indexOf('/', VALIDATION.length()) < 0) {
            flatValidation.add(new TarListing.Member(path, whole));
        } else if (path.startsWith(VALIDATION)) {
            addToClass(validation, VALIDATION, file, validationClasses);
        }
    }

    /** Adds an image of a class folder; a class may turn out to have none. */
    private void addToClass(ImageTable.Builder images, String root, RawFile file, Map<String, Boolean> classes) {
        int end = file.path().indexOf('/', root.length());
        if (end > 0) {
            String className = file.path().substring(root.length(), end);
            boolean isImage = ImageNames.isImage(file.path());
            classes.merge(className, isImage, Boolean::logicalOr);
            if (isImage) {
                images.add(className, file.path().substring(end + 1), 0, file.size());
            } else if (others++ == 0) {
                firstOther = file.path();
            }
        }
    }

    private void listTraining(TarListing tars) throws IOException {
        Extent tar = named.get(TRAIN_TAR);
        if (tar != null) {
            training.clear();
            trainingClasses.clear();
            tars.listArchives(tar, this::addArchive);
        }
        if (trainingClasses.isEmpty()) {
            throw StageFailure.badData(
                    "no training images: expected class folders train/<class>/ or " + TRAIN_TAR + ", found " + found());
        }
        trainingClasses.forEach((name, hasImages) -> {
            if (!hasImages) {
                throw noImages("train/" + name);
            }
        });
    }

    private void addArchive(TarListing.Member archive, List<TarListing.Member> members) {
        String className = RawFiles.fileName(archive.name()).replace(".tar", "");
        List<TarListing.Member> images = members.stream()
                .filter(member -> ImageNames.isImage(member.name()))
                .toList();
        if (trainingClasses.put(className, !images.isEmpty()) != null) {
            throw StageFailure.badData("%s: two archives are named %s.tar".formatted(TRAIN_TAR, className));
        }
        images.forEach(image -> training.add(
                className,
                RawFiles.fileName(image.name()),
                image.extent().offset(),
                image.extent().length()));
    }

    static StageFailure noImages(String folder) {
        return StageFailure.badData(
                "%s: class folder with no images; images are files named %s".formatted(folder, ImageNames.LIST));
    }

    private List<RawImage> validation(TarListing tars, List<String> classNames) throws IOException {
        List<TarListing.Member> flat = flatValidation(tars);
        ImageTable.Builder images = validation;
        ImageTable.Place place = (className, name) -> VALIDATION + className + "/" + name;
        if (!flat.isEmpty()) {
            images = new ImageTable.Builder();
            place = named.containsKey(VALIDATION_TAR)
                    ? (className, name) -> VALIDATION_TAR
                    : (className, name) -> VALIDATION + name;
            validationClasses.clear();
            List<String> classes = ValidationGroundTruth.read(files, named, flat.size());
            for (int i = 0; i < flat.size(); i++) {
                Extent extent = flat.get(i).extent();
                images.add(classes.get(i), RawFiles.fileName(flat.get(i).name()), extent.offset(), extent.length());
                validationClasses.put(classes.get(i), true);
            }
        }
        if (validationClasses.isEmpty()) {
            throw StageFailure.badData(
                    "no validation images: expected val/<class>/, val/ or " + VALIDATION_TAR + ", found " + found());
        }
        TreeSet<String> unseen = new TreeSet<>(validationClasses.keySet());
        unseen.removeAll(trainingClasses.keySet());
        if (!unseen.isEmpty()) {
            throw StageFailure.badData("val: class \"%s\" is not in train; nearest is \"%s\"; train has %d classes"
                    .formatted(unseen.first(), NearestName.of(unseen.first(), classNames), classNames.size()));
        }
        return images.build(place, classNames);
    }

    /** Validation images without class folders, sorted by name, which is the order of the ground truth. */
    private List<TarListing.Member> flatValidation(TarListing tars) throws IOException {
        Extent tar = named.get(VALIDATION_TAR);
        List<TarListing.Member> flat = tar == null ? flatValidation : tars.list(tar);
        flat.removeIf(member -> !ImageNames.isImage(member.name()));
        flat.sort(Comparator.comparing(member -> RawFiles.fileName(member.name())));
        return flat;
    }

    private String found() {
        return roots.isEmpty() ? "nothing" : String.join(", ", roots);
    }
}
