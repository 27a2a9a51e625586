package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.FileKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the classes of the validation images without class folders, from a file with one ILSVRC id on each line and a
 * table from ids to classes. Both are part of the development kit.
 */
final class ValidationGroundTruth {
    static final String DEVKIT = "ILSVRC2012_devkit_t12.tar.gz";
    static final String IDS = "ILSVRC2012_validation_ground_truth.txt";
    /** Table of synsets as a MATLAB file. */
    static final String META = "meta.mat";
    /** Table of synsets as text, with lines like "n02119789 1 kit_fox"; part of later development kits. */
    static final String MAP = "map_clsloc.txt";

    private ValidationGroundTruth() {}

    /** Returns the class of each image, in the order of the images' names. */
    static List<String> read(RawFiles files, Map<String, Extent> found, int images) throws IOException {
        Map<String, byte[]> parts = parts(files, found);
        byte[] ids = parts.get(IDS);
        if (ids == null) {
            throw StageFailure.badData(
                    "val: %d images without class folders need %s or %s beside them".formatted(images, DEVKIT, IDS));
        }
        Map<Integer, String> classes = classes(parts.get(META), parts.get(MAP));
        List<String> lines = lines(IDS, ids);
        if (lines.size() != images) {
            throw StageFailure.badData("%s: %d lines for %d validation images; the counts must be equal"
                    .formatted(IDS, lines.size(), images));
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String name = classes.get(number(IDS, i, lines.get(i)));
            if (name == null) {
                throw StageFailure.badData("%s: line %d: id %s is not in the table of %d synsets"
                        .formatted(IDS, i + 1, lines.get(i), classes.size()));
            }
            names.add(name);
        }
        return names;
    }

    private static Map<String, byte[]> parts(RawFiles files, Map<String, Extent> found) throws IOException {
        Map<String, byte[]> parts = new HashMap<>();
        for (Map.Entry<String, Extent> file : found.entrySet()) {
            String name = RawFiles.fileName(file.getKey());
            if (isPart(name)) {
                parts.put(name, file.getValue().read(files));
            } else if (name.equals(DEVKIT)) {
                unpack(files, file.getValue(), parts);
            }
        }
        return parts;
    }

    private static void unpack(RawFiles files, Extent devkit, Map<String, byte[]> parts) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GZIPInputStream(new BufferedInputStream(new ExtentStream(files, devkit))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String name = RawFiles.fileName(entry.getName());
                if (entry.isFile() && isPart(name)) {
                    parts.put(name, tar.readAllBytes());
                }
            }
        } catch (IOException e) {
            byte[] first = new Extent(devkit.path(), devkit.offset(), (int) Math.min(devkit.length(), FileKind.BYTES))
                    .read(files);
            throw StageFailure.badData(
                    "%s: not a complete tar.gz archive: %s; it is %s"
                            .formatted(DEVKIT, e.getMessage(), FileKind.of(first)),
                    e);
        }
    }

    /** Returns whether a file has a part of the ground truth, or is an archive of all. */
    static boolean isNeeded(String path) {
        return isPart(RawFiles.fileName(path)) || RawFiles.fileName(path).equals(DEVKIT);
    }

    private static boolean isPart(String name) {
        return name.equals(IDS) || name.equals(META) || name.equals(MAP);
    }

    private static Map<Integer, String> classes(byte @Nullable [] meta, byte @Nullable [] map) {
        if (meta != null) {
            return SynsetTable.read(META, meta);
        }
        if (map == null) {
            throw StageFailure.badData(
                    "val: %s needs %s or %s beside it, which name the class of each id".formatted(IDS, META, MAP));
        }
        Map<Integer, String> classes = new HashMap<>();
        List<String> lines = lines(MAP, map);
        for (int i = 0; i < lines.size(); i++) {
            List<String> words = List.of(lines.get(i).split("\\s+"));
            if (words.size() < 2) {
                throw StageFailure.badData(
                        "%s: line %d must be a synset and its id, found \"%s\"".formatted(MAP, i + 1, lines.get(i)));
            }
            classes.put(number(MAP, i, words.get(1)), words.get(0));
        }
        return classes;
    }

    private static int number(String file, int line, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw StageFailure.badData(
                    "%s: line %d: an id must be a whole number, found \"%s\"".formatted(file, line + 1, text), e);
        }
    }

    private static List<String> lines(String name, byte[] text) {
        return RawText.decode(name, text)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
