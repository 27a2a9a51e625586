package dev.moco.training.data.decode;

import dev.moco.contract.Sha256;
import java.util.ArrayList;
import java.util.List;

/** Compares decoders with what Pillow said of the first damaged images, as {@code pillow_verdicts.py} prints it. */
final class PillowVerdicts {
    static final String PILLOW = "Pillow 13.0.0";
    private static final String REFUSED = "refused";

    private final DamagedImages images;
    private final List<String> lines;

    PillowVerdicts(DamagedImages images, List<String> printed) {
        if (!printed.get(0).equals(PILLOW)) {
            throw new AssertionError("the judge must be " + PILLOW + ", found " + printed.get(0));
        }
        this.images = images;
        this.lines = printed.subList(1, printed.size());
    }

    int images() {
        return lines.size();
    }

    /** Images that Pillow decodes. */
    long accepted() {
        return lines.stream().filter(line -> !line.endsWith(REFUSED)).count();
    }

    /**
     * Images of which a decoder says something else, each with both verdicts. The JDK's decoder may refuse what it does not
     * support. libturbojpeg before 3.0.1 smooths the blocks of some incomplete progressive images in another way, so that
     * of these only the verdict is compared.
     */
    List<String> differences(ImageDecoder decoder) {
        List<String> differences = new ArrayList<>();
        for (int number = 0; number < lines.size(); number++) {
            String[] words = lines.get(number).split(" ", -1);
            if (!words[0].equals(DamagedImages.name(number))) {
                throw new AssertionError("expected " + DamagedImages.name(number) + ", found " + words[0]);
            }
            String ours = verdict(decoder, images.image(number));
            boolean excused = decoder.jpegDecoder().equals("ImageIO")
                    ? ours.startsWith(REFUSED)
                    : ours.length() == words[1].length() && isIncomplete(images.image(number));
            if (!ours.startsWith(words[1]) && !excused) {
                differences.add(words[0] + ": Pillow " + words[1] + ", " + decoder.jpegDecoder() + " " + ours);
            }
        }
        return differences;
    }

    private static boolean isIncomplete(byte[] image) {
        try {
            JpegHeader header = JpegHeader.read(image);
            return header.progressive() && !JpegScans.isComplete(image, header);
        } catch (BadImageException e) {
            return false;
        }
    }

    private static String verdict(ImageDecoder decoder, byte[] image) {
        String checked = "";
        try {
            decoder.check(image);
        } catch (BadImageException e) {
            checked = REFUSED + ": " + e.getMessage();
        }
        try {
            String pixels = Sha256.of(decoder.decode(image).pixels());
            return checked.isEmpty() ? pixels : "decoded, although its check said " + checked;
        } catch (BadImageException e) {
            return checked.isEmpty() ? "checked, but " + e.getMessage() : checked;
        }
    }
}
