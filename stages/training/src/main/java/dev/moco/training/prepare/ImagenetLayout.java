package dev.moco.training.prepare;

import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.shards.Split;
import dev.moco.training.prepare.RawFiles.RawFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
    private static final Logger LOG = LoggerFactory.getLogger(ImagenetLayout.class);
    /** Extensions by which torchvision's ImageFolder finds images. Only JPEG and PNG can be decoded; others are bad images. */
    private static final List<String> IMAGE_NAMES =
            List.of("jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp");

    private final RawFiles files;
    private final Map<String, Extent> byPath = new TreeMap<>();
    private final TreeMap<String, List<TarListing.Member>> training = new TreeMap<>();

    private ImagenetLayout(RawFiles files) {
        this.files = files;
    }

    static RawDataset list(RawFiles files) throws IOException {
        ImagenetLayout layout = new ImagenetLayout(files);
        for (RawFile file : files.list()) {
            layout.byPath.put(file.path(), new Extent(file.path(), 0, file.size()));
        }
        layout.listTraining();
        List<String> classNames = List.copyOf(layout.training.navigableKeySet());
        List<RawImage> train = images(layout.training, classNames);
        List<RawImage> validation = layout.validation(classNames);
        return new RawDataset(classNames, Map.of(Split.TRAIN, train, Split.VALIDATION, validation));
    }

    private void listTraining() throws IOException {
        Extent tar = byPath.get(TRAIN_TAR);
        if (tar != null) {
            for (TarListing.Member member : TarListing.list(files, TRAIN_TAR, tar)) {
                if (member.name().endsWith(".tar")) {
                    String name = RawFiles.fileName(member.name()).replace(".tar", "");
                    List<TarListing.Member> images =
                            TarListing.list(files, TRAIN_TAR + "/" + member.name(), member.extent());
                    training.put(name, images);
                }
            }
        } else {
            classFolders("train/", training);
        }
        if (training.isEmpty()) {
            throw StageFailure.badData(
                    "no training images: expected class folders train/<class>/ or " + TRAIN_TAR + ", found " + found());
        }
        training.forEach((name, images) -> {
            if (images.stream().noneMatch(image -> isImage(image.name()))) {
                throw noImages("train/" + name);
            }
        });
    }

    static StageFailure noImages(String folder) {
        return StageFailure.badData("%s: class folder with no images; images are files named .%s"
                .formatted(folder, String.join(", .", IMAGE_NAMES)));
    }

    private List<RawImage> validation(List<String> classNames) throws IOException {
        List<TarListing.Member> flat = flatValidation();
        TreeMap<String, List<TarListing.Member>> byClass = new TreeMap<>();
        if (flat.isEmpty()) {
            classFolders("val/", byClass);
        } else {
            List<String> classes = ValidationGroundTruth.read(files, byPath, flat.size());
            for (int i = 0; i < flat.size(); i++) {
                byClass.computeIfAbsent(classes.get(i), name -> new ArrayList<>())
                        .add(flat.get(i));
            }
        }
        if (byClass.isEmpty()) {
            throw StageFailure.badData(
                    "no validation images: expected val/<class>/, val/ or " + VALIDATION_TAR + ", found " + found());
        }
        TreeSet<String> unseen = new TreeSet<>(byClass.keySet());
        unseen.removeAll(training.keySet());
        if (!unseen.isEmpty()) {
            throw StageFailure.badData("val: class \"%s\" is not in train; nearest is \"%s\"; train has %d classes"
                    .formatted(unseen.first(), NearestName.of(unseen.first(), classNames), classNames.size()));
        }
        return images(byClass, classNames);
    }

    /** Validation images without class folders, sorted by name, which is the order of the ground truth. */
    private List<TarListing.Member> flatValidation() throws IOException {
        List<TarListing.Member> flat = new ArrayList<>();
        Extent tar = byPath.get(VALIDATION_TAR);
        if (tar != null) {
            flat.addAll(TarListing.list(files, VALIDATION_TAR, tar));
        } else {
            byPath.forEach((path, extent) -> {
                if (path.startsWith("val/") && path.indexOf('/', 4) < 0) {
                    flat.add(new TarListing.Member(path, extent));
                }
            });
        }
        flat.removeIf(member -> !isImage(member.name()));
        flat.sort(Comparator.comparing(member -> RawFiles.fileName(member.name())));
        return flat;
    }

    private void classFolders(String root, Map<String, List<TarListing.Member>> byClass) {
        byPath.forEach((path, extent) -> {
            int end = path.indexOf('/', root.length());
            if (path.startsWith(root) && end > 0) {
                byClass.computeIfAbsent(path.substring(root.length(), end), name -> new ArrayList<>())
                        .add(new TarListing.Member(path, extent));
            }
        });
    }

    private static List<RawImage> images(Map<String, List<TarListing.Member>> byClass, List<String> classNames) {
        Map<String, Integer> labels = new HashMap<>();
        classNames.forEach(name -> labels.put(name, labels.size()));
        List<RawImage> images = new ArrayList<>();
        List<String> others = new ArrayList<>();
        byClass.forEach((name, members) -> {
            for (TarListing.Member member : members) {
                String id = name + "/" + RawFiles.fileName(member.name());
                if (isImage(member.name())) {
                    images.add(new RawImage(id, member.extent(), labels.getOrDefault(name, -1), null));
                } else {
                    others.add(id);
                }
            }
        });
        if (!others.isEmpty()) {
            LOG.warn("left out files that are not named as images, files={} first={}", others.size(), others.get(0));
        }
        images.sort(Comparator.comparing(RawImage::id));
        return images;
    }

    private String found() {
        TreeSet<String> roots = new TreeSet<>();
        byPath.keySet().forEach(path -> roots.add(path.replaceFirst("/.*", "/")));
        return roots.isEmpty()
                ? "nothing"
                : String.join(", ", roots.stream().limit(10).toList());
    }

    private static boolean isImage(String name) {
        String file = RawFiles.fileName(name);
        // Archives made on macOS contain a "._" file for each file.
        return !file.startsWith(".")
                && IMAGE_NAMES.contains(
                        file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }
}
