package dev.moco.training.data.loader;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.Sample;
import dev.moco.training.data.decode.BadImageException;
import dev.moco.training.data.decode.DecodeMemory;
import dev.moco.training.data.decode.ImageDecoder;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Function;
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

    /**
     * Applies a function to one image.
     *
     * @param width columns of what the function makes of it, at most
     * @throws StageFailure with the image's name: bad data if it is damaged, a fault if it cannot be read
     */
    public void use(int index, int width, Consumer<RgbImage> use) {
        try (Ordered one = inOrder(new int[] {index}, 0)) {
            one.use(0, width, use);
        }
    }

    /**
     * Opens images for reading, which may begin before they are used.
     *
     * @param order indices in the order of use
     * @param first position in the order at which the reading begins
     */
    Ordered inOrder(int[] order, int first) {
        // A small set is read once, and by whole shards.
        return new Ordered(order, cache == null ? images.inOrder(order, first) : at -> images.encoded(order[at]));
    }

    /** Images in an order. */
    final class Ordered implements AutoCloseable {
        private final int[] order;
        private final ImageSet.Reads reads;

        private Ordered(int[] order, ImageSet.Reads reads) {
            this.order = order;
            this.reads = reads;
        }

        /**
         * Applies a function to an image, from the cache or decoded; its memory counts as free afterwards.
         *
         * @param width columns of what the function makes of it, at most
         * @throws StageFailure with the image's name: bad data if it is damaged, a fault if it cannot be read
         */
        void use(int position, int width, Consumer<RgbImage> use) {
            int index = order[position];
            RgbImage cached = cache == null ? null : cache.get(index);
            if (cached != null) {
                use.accept(cached);
                return;
            }
            DecodedImages.use(images, index, () -> reads.encoded(position), decoder, decoder::decode, width, image -> {
                if (cache != null) {
                    cache.set(index, image);
                }
                use.accept(image);
                return image;
            });
        }

        @Override
        public void close() {
            reads.close();
        }
    }

    /** Decodes a file, with or without its EXIF orientation. */
    private interface Decoding {
        RgbImage decode(byte[] file) throws BadImageException;
    }

    private interface EncodedImage {
        byte[] read() throws IOException;
    }

    /**
     * Decodes an image of a set, upright, and applies a function to it.
     *
     * @param width columns of what the function makes of it, at most
     * @throws StageFailure with the image's name: bad data if it is damaged, a fault if it cannot be read
     */
    public static <T> T useUpright(
            ImageSet images, int index, ImageDecoder decoder, int width, Function<RgbImage, T> use) {
        return use(images, index, () -> images.encoded(index), decoder, decoder::decodeUpright, width, use);
    }

    private static <T> T use(
            ImageSet images,
            int index,
            EncodedImage encoded,
            ImageDecoder decoder,
            Decoding decoding,
            int width,
            Function<RgbImage, T> use) {
        try {
            byte[] file = encoded.read();
            long bytes = decoder.heapBytes(file);
            // Resizing has a row of ints for each row of the image.
            long rows = 3L * Integer.BYTES * width * images.sample(index).height();
            return DecodeMemory.OF_PROCESS.within(bytes + rows, () -> use.apply(decoding.decode(file)));
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
