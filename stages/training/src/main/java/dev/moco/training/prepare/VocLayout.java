package dev.moco.training.prepare;

import dev.moco.artifacts.StoredParts;
import dev.moco.contract.StageFailure;
import dev.moco.contract.VocClasses;
import dev.moco.training.data.shards.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists VOC from a VOCdevkit tree or from the official tars, which contain parts of one: trainval of 2007 and 2012 for
 * training, test of 2007 for testing.
 */
final class VocLayout {
    private static final Logger LOG = LoggerFactory.getLogger(VocLayout.class);
    private static final List<String> YEARS = List.of("VOC2007", "VOC2012");

    private final RawFiles files;
    /** Files by their path from the folder of the year, such as {@code VOC2007/Annotations/000005.xml}. */
    private final Map<String, Extent> byPath = new HashMap<>();

    private VocLayout(RawFiles files) {
        this.files = files;
    }

    /** @param asked years of {@link dev.moco.contract.PrepareConfig#vocYears} */
    static RawDataset list(
            RawFiles files, StoredParts parts, List<String> classNames, List<Integer> asked, ListingProgress progress)
            throws IOException {
        VocLayout layout = new VocLayout(files);
        List<Extent> tars = new ArrayList<>();
        files.list(file -> {
            progress.listed();
            Extent whole = new Extent(file.path(), 0, file.size());
            if (file.path().endsWith(".tar")) {
                tars.add(whole);
            } else {
                layout.put(file.path(), whole);
            }
        });
        try (TarListing listing = new TarListing(files, parts, progress)) {
            for (Extent tar : tars) {
                for (TarListing.Member member : listing.list(tar)) {
                    layout.put(member.name(), member.extent());
                }
            }
        }
        List<RawImage> train = new ArrayList<>();
        // Other classes are those of another data set in this layout, which may have one year.
        boolean both = asked.isEmpty() && Set.copyOf(classNames).equals(VocClasses.NAMES);
        for (String year : YEARS) {
            boolean required = both || asked.contains(number(year));
            if (required || asked.isEmpty()) {
                List<RawImage> images = layout.imageSet(year, "trainval");
                LOG.info("found set={}/trainval images={}", year, images.size());
                if (required && images.isEmpty()) {
                    throw StageFailure.badData("no images listed in " + year
                            + "/ImageSets/Main/trainval.txt; add that year, or name the years to train on in"
                            + " spec.data.vocYears, such as [2007]; the paper trains on both, 2007 and 2012");
                }
                train.addAll(images);
            }
        }
        List<RawImage> test = layout.imageSet("VOC2007", "test");
        LOG.info("found set=VOC2007/test images={}", test.size());
        requireImages(
                train, "trainval", "VOC2007 or VOC2012 (VOCtrainval_06-Nov-2007.tar, VOCtrainval_11-May-2012.tar)");
        requireImages(test, "test", "VOC2007 (VOCtest_06-Nov-2007.tar)");
        return new RawDataset(classNames, Map.of(Split.TRAIN, train, Split.TEST, test));
    }

    private static int number(String year) {
        return Integer.parseInt(year.replace("VOC", ""));
    }

    private void put(String path, Extent extent) {
        for (String year : YEARS) {
            int start = path.startsWith(year + "/") ? 0 : path.indexOf("/" + year + "/") + 1;
            if (path.startsWith(year + "/", start)) {
                byPath.put(path.substring(start), extent);
            }
        }
    }

    private static void requireImages(List<RawImage> images, String set, String where) {
        if (images.isEmpty()) {
            throw StageFailure.badData(
                    "no images listed in ImageSets/Main/%s.txt of %s: neither a VOCdevkit tree nor its tar was found"
                            .formatted(set, where));
        }
    }

    private List<RawImage> imageSet(String year, String set) throws IOException {
        String listPath = year + "/ImageSets/Main/" + set + ".txt";
        Extent list = byPath.get(listPath);
        if (list == null) {
            return List.of();
        }
        List<RawImage> images = new ArrayList<>();
        String text = RawText.decode(listPath, list.read(files));
        for (String line :
                text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
            Extent image = byPath.get(year + "/JPEGImages/" + line + ".jpg");
            Extent annotation = byPath.get(year + "/Annotations/" + line + ".xml");
            images.add(new RawImage(
                    line,
                    required(image, listPath, line, "JPEGImages/" + line + ".jpg"),
                    -1,
                    required(annotation, listPath, line, "Annotations/" + line + ".xml")));
        }
        images.sort(Comparator.comparing(RawImage::id));
        return images;
    }

    private static Extent required(@Nullable Extent extent, String list, String id, String file) {
        if (extent == null) {
            throw StageFailure.badData("%s: names image %s, but %s is missing".formatted(list, id, file));
        }
        return extent;
    }
}
