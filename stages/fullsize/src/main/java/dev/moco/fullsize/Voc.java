package dev.moco.fullsize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** PASCAL VOC of any size as its three archives: 2007 trainval and test, 2012 trainval. */
final class Voc {
    private static final List<String> CLASSES = List.of(
            ("aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant"
                            + " sheep sofa train tvmonitor")
                    .split(" "));

    private final ImagePool pool;
    private final int divisor;

    /** @param divisor 1 for the real number of images, 100 for a hundredth */
    Voc(ImagePool pool, int divisor) {
        this.pool = pool;
        this.divisor = divisor;
    }

    KeyedObjects archives() {
        // 5,011 of the 9,963 images of 2007 are for training, 11,540 of the 17,125 of 2012 have boxes.
        int[] images = numbers(9963);
        int[] training = every(images, 5011);
        int[] test = Arrays.stream(images)
                .filter(image -> Arrays.binarySearch(training, image) < 0)
                .toArray();
        int[] images2012 = numbers(17_125);
        return KeyedObjects.of(Map.of(
                "VOCtrainval_06-Nov-2007.tar", archive(2007, training, Map.of("trainval", training)),
                "VOCtest_06-Nov-2007.tar", archive(2007, test, Map.of("test", test)),
                "VOCtrainval_11-May-2012.tar",
                        archive(2012, images2012, Map.of("trainval", every(images2012, 11_540)))));
    }

    private int[] numbers(int count) {
        return IntStream.rangeClosed(1, count / divisor).toArray();
    }

    /** So many of the images as the real set has, evenly. */
    private int[] every(int[] images, int count) {
        long wanted = count / divisor;
        return Arrays.stream(images)
                .filter(image -> image * wanted / images.length > (image - 1) * wanted / images.length)
                .toArray();
    }

    private static String name(int year, int image) {
        return year == 2007
                ? String.format(Locale.ROOT, "%06d", image)
                : String.format(Locale.ROOT, "%d_%06d", 2008 + image % 5, image);
    }

    private Content archive(int year, int[] images, Map<String, int[]> sets) {
        String root = "VOCdevkit/VOC" + year + "/";
        Map<String, Content> small = new TreeMap<>();
        for (String folder : List.of("", "Annotations/", "ImageSets/", "ImageSets/Main/", "JPEGImages/")) {
            small.put(root + folder, Content.of(new byte[0]));
        }
        sets.forEach((set, listed) -> small.put(
                root + "ImageSets/Main/" + set + ".txt",
                text(Arrays.stream(listed)
                        .mapToObj(image -> name(year, image) + "\n")
                        .sorted()
                        .collect(Collectors.joining()))));
        return new TarContent(new VocMembers(year, root, images, KeyedObjects.of(small)));
    }

    /** Folders and lists, then annotations, then images. */
    private final class VocMembers implements KeyedObjects {
        private final int year;
        private final String root;
        private final int[] images;
        private final KeyedObjects small;

        VocMembers(int year, String root, int[] images, KeyedObjects small) {
            this.year = year;
            this.root = root;
            this.images = images;
            this.small = small;
        }

        @Override
        public int count() {
            return small.count() + 2 * images.length;
        }

        @Override
        public String key(int position) {
            int at = position - small.count();
            if (at < 0) {
                return small.key(position);
            }
            String name = name(year, images[at % images.length]);
            return root + (at < images.length ? "Annotations/" + name + ".xml" : "JPEGImages/" + name + ".jpg");
        }

        @Override
        public Content object(int position) {
            int at = position - small.count();
            if (at < 0) {
                return small.object(position);
            }
            int image = images[at % images.length];
            ImagePool.Image drawn = pool.drawOrdinary(year, image);
            return at < images.length ? text(annotation(image, drawn)) : drawn.content();
        }

        private String annotation(int image, ImagePool.Image drawn) {
            StringBuilder xml = new StringBuilder("<annotation>\n\t<folder>VOC" + year + "</folder>\n\t<filename>"
                    + name(year, image) + ".jpg</filename>\n\t<size>\n\t\t<width>" + drawn.width()
                    + "</width>\n\t\t<height>" + drawn.height() + "</height>\n\t\t<depth>3</depth>\n\t</size>\n");
            int objects = 1 + Mix.number(year, image, 5);
            for (int i = 0; i < objects; i++) {
                long seed = image * 8L + i;
                int left = 1 + Mix.number(seed, 0, drawn.width() - 60);
                int top = 1 + Mix.number(seed, 1, drawn.height() - 60);
                int right = left + 20 + Mix.number(seed, 2, drawn.width() - left - 20);
                int bottom = top + 20 + Mix.number(seed, 3, drawn.height() - top - 20);
                xml.append("\t<object>\n\t\t<name>")
                        .append(CLASSES.get(Mix.number(seed, 4, CLASSES.size())))
                        .append("</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n\t\t<difficult>")
                        .append(Mix.number(seed, 5, 10) == 0 ? 1 : 0)
                        .append("</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>")
                        .append(left)
                        .append("</xmin>\n\t\t\t<ymin>")
                        .append(top)
                        .append("</ymin>\n\t\t\t<xmax>")
                        .append(right)
                        .append("</xmax>\n\t\t\t<ymax>")
                        .append(bottom)
                        .append("</ymax>\n\t\t</bndbox>\n\t</object>\n");
            }
            return xml.append("</annotation>\n").toString();
        }
    }

    private static Content text(String text) {
        return Content.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
