package dev.moco.operator.local;

import dev.moco.contract.ImageNames;
import dev.moco.contract.VocClasses;
import dev.moco.operator.init.FolderShape;
import dev.moco.operator.init.InitExperiment.Contents;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** A folder of images, read for {@code moco init}. */
public record ImageFolder(Path root) {
    /** Images whose headers are read. */
    private static final int SAMPLES = 100;

    private static final int USUAL_SIDE = 256;
    private static final Pattern OBJECT = Pattern.compile("<object>\\s*<name>\\s*([^<]+?)\\s*</name>");

    /** Every file below the folder, with slashes; links are followed. */
    public List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace(File.separatorChar, '/'))
                    .sorted()
                    .toList();
        }
    }

    /** Reads the sizes of some images, and the annotations. */
    public Contents contents(FolderShape shape) throws IOException {
        long boxImages = 0;
        TreeSet<String> classes = new TreeSet<>();
        if (shape.boxes().isPresent()) {
            FolderShape.Boxes boxes = shape.boxes().get();
            for (int year : boxes.years()) {
                Path folder = root.resolve(boxes.folder()).resolve("VOC" + year);
                List<String> ids = Files.readAllLines(folder.resolve("ImageSets/Main/trainval.txt")).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
                boxImages += ids.size();
                classes.addAll(classes(folder, ids));
            }
        }
        return new Contents(
                side(shape), boxImages, VocClasses.NAMES.containsAll(classes) ? List.of() : List.copyOf(classes));
    }

    private static TreeSet<String> classes(Path folder, List<String> ids) throws IOException {
        TreeSet<String> classes = new TreeSet<>();
        for (String id : ids) {
            Path annotation = folder.resolve("Annotations").resolve(id + ".xml");
            if (Files.exists(annotation)) {
                // Names of classes are ASCII almost always; other encodings than UTF-8 shall not end it.
                Matcher objects = OBJECT.matcher(new String(Files.readAllBytes(annotation), StandardCharsets.UTF_8));
                while (objects.find()) {
                    classes.add(objects.group(1));
                }
            }
        }
        return classes;
    }

    /** Median of the shorter sides of some images, evenly over all; images that the JDK cannot read do not count. */
    private int side(FolderShape shape) throws IOException {
        List<String> images = new ImageFolder(root.resolve(shape.images()))
                .files().stream().filter(ImageNames::isImage).toList();
        List<Integer> sides = new ArrayList<>();
        int step = Math.max(1, images.size() / SAMPLES);
        for (int i : IntStream.iterate(0, i -> i < images.size(), i -> i + step).toArray()) {
            shorterSide(root.resolve(shape.images()).resolve(images.get(i))).ifPresent(sides::add);
        }
        sides.sort(null);
        return sides.isEmpty() ? USUAL_SIDE : sides.get(sides.size() / 2);
    }

    private static OptionalInt shorterSide(Path image) {
        try (ImageInputStream stream = ImageIO.createImageInputStream(image.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                return OptionalInt.empty();
            }
            ImageReader reader = readers.next();
            reader.setInput(stream, true, true);
            OptionalInt side = OptionalInt.of(Math.min(reader.getWidth(0), reader.getHeight(0)));
            reader.dispose();
            return side;
        } catch (IOException | RuntimeException e) {
            // Prepare finds the images that cannot be decoded, and names them.
            return OptionalInt.empty();
        }
    }
}
