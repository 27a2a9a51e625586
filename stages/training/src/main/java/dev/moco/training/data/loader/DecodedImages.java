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

/** Decoded images of a set, without EXIF orientation; those of a small set are cached in memory. Thread-safe. */
public final class DecodedImages {
    /** Size of the largest decoded set that is cached: 256 MiB, at most a quarter of the heap. */
    private static final long MAX_CACHE_BYTES =
            Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

    private final ImageSet images;
    private final ImageDecoder decoder;
    private final @Nullable AtomicReferenceArray<@Nullable RgbImage> cache;

    public DecodedImages(ImageSet images, ImageDecoder decoder) {
        this(images, decoder, fits(images));
    }

    private DecodedImages(ImageSet images, ImageDecoder decoder, boolean cached) {
        this.images = images;
        this.decoder = decoder;
        this.cache = cached ? new AtomicReferenceArray<>(images.size()) : null;
    }

    /** Returns images that are decoded at each use, as those of a large set are. */
    public static DecodedImages uncached(ImageSet images, ImageDecoder decoder) {
        return new DecodedImages(images, decoder, false);
    }

    public int size() {
        return images.size();
    }

    /** Class index of an image. */
    public int label(int index) {
        return images.sample(index).label();
    }

    /** Returns an image from the cache, or decodes it; fails as {@link #decode} does. */
    public RgbImage get(int index) {
        RgbImage cached = cache == null ? null : cache.get(index);
        if (cached != null) {
            return cached;
        }
        RgbImage image = decode(images, index, decoder::decode);
        if (cache != null) {
            cache.set(index, image);
        }
        return image;
    }

    /** Decodes a file, with or without its EXIF orientation. */
    @FunctionalInterface
    public interface Decoding {
        RgbImage decode(byte[] file) throws BadImageException;
    }

    /**
     * Decodes an image of a set.
     *
     * @throws StageFailure with the image's name: bad data if it is damaged, a fault if it cannot be read
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
        for (int i = 0; i < images.size() && bytes <= MAX_CACHE_BYTES; i++) {
            Sample sample = images.sample(i);
            bytes += 3L * sample.width() * sample.height();
        }
        return bytes <= MAX_CACHE_BYTES;
    }
}
