package dev.moco.training.data.loader;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.decode.BadImageException;
import dev.moco.training.data.decode.ImageDecoder;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Decoded images of a set, as stored; a small set's pixels stay in memory. Safe for many threads. */
public final class DecodedImages {
    /** Sets of up to this size, decoded, are kept: 256 MiB, but no more than a quarter of the heap. */
    private static final long MAX_KEPT_BYTES =
            Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

    private final ImageSet images;
    private final ImageDecoder decoder;
    private final @Nullable AtomicReferenceArray<@Nullable RgbImage> kept;

    public DecodedImages(ImageSet images, ImageDecoder decoder) {
        this(images, decoder, fits(images));
    }

    private DecodedImages(ImageSet images, ImageDecoder decoder, boolean keep) {
        this.images = images;
        this.decoder = decoder;
        this.kept = keep ? new AtomicReferenceArray<>(images.size()) : null;
    }

    /** Images that are decoded at every use, as those of a large set are. */
    public static DecodedImages notKept(ImageSet images, ImageDecoder decoder) {
        return new DecodedImages(images, decoder, false);
    }

    public int size() {
        return images.size();
    }

    /** Class index of an image. */
    public int label(int index) {
        return images.sample(index).label();
    }

    /** Decodes an image, or recalls it; fails as {@link #decode} does. */
    public RgbImage get(int index) {
        RgbImage known = kept == null ? null : kept.get(index);
        if (known != null) {
            return known;
        }
        RgbImage image = decode(images, index, decoder::decode);
        if (kept != null) {
            kept.set(index, image);
        }
        return image;
    }

    /** A way to decode a file. */
    @FunctionalInterface
    public interface Decoding {
        RgbImage decode(byte[] file) throws BadImageException;
    }

    /**
     * Decodes an image of a set.
     *
     * @throws StageFailure naming the image: bad data if it is damaged, a fault if it cannot be read
     */
    public static RgbImage decode(ImageSet images, int index, Decoding decoding) {
        try {
            return decoding.decode(images.encoded(index));
        } catch (BadImageException e) {
            throw StageFailure.badData("image " + images.sample(index).id() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw StageFailure.fault("cannot read image " + images.sample(index).id() + ": " + e.getMessage(), e);
        }
    }

    private static boolean fits(ImageSet images) {
        long bytes = 0;
        for (int i = 0; i < images.size() && bytes <= MAX_KEPT_BYTES; i++) {
            Sample sample = images.sample(i);
            bytes += 3L * sample.width() * sample.height();
        }
        return bytes <= MAX_KEPT_BYTES;
    }
}
