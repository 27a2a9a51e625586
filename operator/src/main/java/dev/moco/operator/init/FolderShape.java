package dev.moco.operator.init;

import dev.moco.contract.ImageNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Contents of a folder that an experiment can use.
 *
 * @param images folder of the images, relative to the folder that was listed; empty for that folder itself
 * @param classes number of classes; 0 if the images are taken without classes
 * @param train number of training images
 * @param validation number of images for evaluation; 0 without classes
 * @param remarks what would give more, such as a folder to be renamed; each is a sentence
 * @param boxes detection data, if there is some
 */
public record FolderShape(
        String images, int classes, long train, long validation, List<String> remarks, Optional<Boxes> boxes) {
    private static final String TRAIN = "train/";
    private static final String VALIDATION = "val/";
    private static final int IMAGENET_CLASSES = 1000;
    private static final long IMAGENET_TRAIN = 1_281_167;
    private static final long IMAGENET_VALIDATION = 50_000;
    private static final int NAMED = 3;
    private static final Pattern VOC_YEAR = Pattern.compile("(.*/)?VOC(2007|2012)/ImageSets/Main/trainval[.]txt");

    public FolderShape {
        remarks = List.copyOf(remarks);
    }

    /**
     * Detection data in VOC's layout.
     *
     * @param folder where VOC2007 or VOC2012 is, relative to the folder that was listed
     * @param years those that are there
     */
    public record Boxes(String folder, List<Integer> years) {
        public Boxes {
            years = List.copyOf(years);
        }
    }

    /** Returns whether the images have classes, and some of them are for evaluation. */
    public boolean labeled() {
        return classes > 0;
    }

    /** The shape of a folder with these files, whose paths are relative to it, with slashes. */
    public static FolderShape of(List<String> files) {
        Optional<Boxes> boxes = boxes(files);
        if (files.contains("ILSVRC2012_img_train.tar") && files.contains("ILSVRC2012_img_val.tar")) {
            return new FolderShape("", IMAGENET_CLASSES, IMAGENET_TRAIN, IMAGENET_VALIDATION, List.of(), boxes);
        }
        List<String> images = files.stream()
                .filter(FolderShape::isImage)
                .filter(path -> boxes.isEmpty() || !isOfBoxes(path, boxes.get()))
                .toList();
        if (images.isEmpty() && boxes.isPresent()) {
            return imagesOfBoxes(files, boxes.get());
        }
        TreeSet<String> training = classes(images, TRAIN);
        TreeSet<String> validation = classes(images, VALIDATION);
        long train = count(images, path -> path.startsWith(TRAIN));
        if (training.size() > 1 && !validation.isEmpty() && training.containsAll(validation)) {
            long held = count(images, path -> path.startsWith(VALIDATION));
            return new FolderShape("", training.size(), train, held, List.of(), boxes);
        }
        if (train > 0) {
            return new FolderShape("train", 0, train, 0, lacksOfTrain(images, training, validation), boxes);
        }
        if (boxes.isPresent()) {
            // All images below a folder are taken.
            String remark =
                    "The images in VOC's folders are pre-trained on, too; move these folders elsewhere to leave them out.";
            return new FolderShape("", 0, count(files, FolderShape::isImage), 0, List.of(remark), boxes);
        }
        return new FolderShape("", 0, images.size(), 0, lacksOfRoot(images), boxes);
    }

    private static boolean isImage(String path) {
        return ImageNames.isImage(path) && !path.startsWith(".") && !path.contains("/.");
    }

    /** Names of class folders below a folder; none if some images are right in it. */
    private static TreeSet<String> classes(List<String> images, String folder) {
        List<String> below = images.stream()
                .filter(path -> path.startsWith(folder))
                .map(path -> path.substring(folder.length()))
                .toList();
        return below.stream().allMatch(path -> path.contains("/"))
                ? below.stream()
                        .map(path -> path.substring(0, path.indexOf('/')))
                        .collect(Collectors.toCollection(TreeSet::new))
                : new TreeSet<>();
    }

    private static long count(List<String> paths, Predicate<String> counted) {
        return paths.stream().filter(counted).count();
    }

    private static List<String> lacksOfTrain(List<String> images, TreeSet<String> training, TreeSet<String> held) {
        if (training.size() < 2) {
            return List.of("train/ has no two class folders, so that images are taken without classes.");
        }
        TreeSet<String> unseen = new TreeSet<>(held);
        unseen.removeAll(training);
        if (!unseen.isEmpty()) {
            return List.of("val/" + unseen.first() + " is a class that train/ does not have; without it, or with images"
                    + " of it in train/, linear classification and the kNN monitor can run.");
        }
        for (String name : List.of("valid", "validation", "test")) {
            if (!classes(images, name + "/").isEmpty()) {
                return List.of("Renamed to val/, the folder " + name
                        + "/ would be evaluated by linear classification and the kNN monitor.");
            }
        }
        return List.of("With val/ and some images of each class, linear classification and the kNN monitor can run.");
    }

    private static List<String> lacksOfRoot(List<String> images) {
        TreeSet<String> folders = classes(images, "");
        return folders.size() < 2
                ? List.of()
                : List.of("If the folders " + folders.stream().limit(NAMED).collect(Collectors.joining(", "))
                        + (folders.size() > NAMED ? ", …" : "")
                        + " are classes: as train/<class>/ and val/<class>/ they can be evaluated by linear"
                        + " classification and the kNN monitor.");
    }

    private static Optional<Boxes> boxes(List<String> files) {
        List<Matcher> years = files.stream()
                .map(VOC_YEAR::matcher)
                .filter(Matcher::matches)
                .sorted(Comparator.comparing(Matcher::group))
                .toList();
        if (years.isEmpty()) {
            return Optional.empty();
        }
        String folder = Optional.ofNullable(years.get(0).group(1)).orElse("");
        List<Integer> found = years.stream()
                .filter(year -> Optional.ofNullable(year.group(1)).orElse("").equals(folder))
                .map(year -> Integer.valueOf(year.group(2)))
                .toList();
        return Optional.of(new Boxes(folder.replaceFirst("/$", ""), found));
    }

    private static boolean isOfBoxes(String path, Boxes boxes) {
        return boxes.years().stream().anyMatch(year -> path.startsWith(yearFolder(boxes, year)));
    }

    private static String yearFolder(Boxes boxes, int year) {
        return (boxes.folder().isEmpty() ? "" : boxes.folder() + "/") + "VOC" + year + "/";
    }

    /** The images of the year that has most. */
    private static FolderShape imagesOfBoxes(List<String> files, Boxes boxes) {
        List<String> remarks = new ArrayList<>(List.of("The images with boxes are pre-trained on, too."));
        return boxes.years().stream()
                .map(year -> yearFolder(boxes, year) + "JPEGImages")
                .map(folder -> new FolderShape(
                        folder,
                        0,
                        count(files, path -> path.startsWith(folder + "/") && ImageNames.isImage(path)),
                        0,
                        remarks,
                        Optional.of(boxes)))
                .max(Comparator.comparingLong(FolderShape::train))
                .orElseThrow();
    }
}
