package dev.moco.training.prepare;

import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.Sample;
import dev.moco.training.data.decode.BadImageException;
import dev.moco.training.data.decode.CheckedImage;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.decode.ImageSize;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks an image with its annotation: whether all its data can be decoded. Thread-safe. */
final class ImageCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ImageCheck.class);

    private final PrepareConfig config;
    private final RawFiles files;
    private final List<String> classNames;
    private final ImageDecoder decoder = ImageDecoder.create();

    ImageCheck(PrepareConfig config, RawFiles files, List<String> classNames) {
        this.config = config;
        this.files = files;
        this.classNames = classNames;
    }

    /**
     * A checked image.
     *
     * @param sample its entry in the index; null if it is left out
     */
    record Checked(@Nullable Sample sample, Findings findings) {}

    /** @throws StageFailure bad data if the image cannot be decoded, unless the configuration skips such images */
    Checked check(RawImage image, byte[] encoded) throws IOException {
        CheckedImage found;
        try {
            // Only decoding the whole image shows that it is complete.
            found = decoder.check(encoded);
        } catch (BadImageException e) {
            String reason = String.valueOf(e.getMessage());
            if (config.onBadImage() == OnBadImage.FAIL) {
                throw StageFailure.badData(
                        "%s: corrupt image: %s; spec.data.onBadImage: Skip leaves such images out"
                                .formatted(image.id(), reason),
                        e);
            }
            LOG.warn("skipped image={} reason={}", image.id(), reason);
            return new Checked(null, new Findings(Map.of(image.id(), reason), Map.of(), Map.of(), 0));
        }
        if (found.warning() != null) {
            LOG.warn("image={} warning={}", image.id(), found.warning());
        }
        ImageSize size = config.dataset() == Dataset.VOC ? found.uprightSize() : found.size();
        VocAnnotation.Objects annotated = objects(image, size);
        if (!annotated.clipped().isEmpty()) {
            LOG.warn("image={} clipped={}", image.id(), annotated.clipped());
        }
        return new Checked(
                new Sample(image.id(), size.width(), size.height(), image.label(), annotated.objects()),
                new Findings(
                        Map.of(),
                        found.warning() == null ? Map.of() : Map.of(image.id(), found.warning()),
                        annotated.clipped().isEmpty()
                                ? Map.of()
                                : Map.of(image.id(), String.join("; ", annotated.clipped())),
                        annotated.objects().size()));
    }

    private VocAnnotation.Objects objects(RawImage image, ImageSize size) throws IOException {
        return image.annotation() == null
                ? new VocAnnotation.Objects(List.of(), List.of())
                : VocAnnotation.parse(
                        "Annotations/" + image.id() + ".xml",
                        image.annotation().read(files),
                        classNames,
                        size.width(),
                        size.height());
    }
}
