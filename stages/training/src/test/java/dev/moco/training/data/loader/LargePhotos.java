package dev.moco.training.data.loader;

import dev.moco.contract.Architecture;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Program that loads a batch of photos of 3264 x 2448 pixels with many threads; its heap is that of a stage. */
final class LargePhotos {
    static final String DONE = "views of all photos were made";
    static final int THREADS = 32;

    private static final int WIDTH = 3264;
    private static final int HEIGHT = 2448;

    private LargePhotos() {}

    /** Configuration of the stage whose memory the program gets. */
    static PretrainConfig config() {
        return new PretrainConfig(
                Architecture.RESNET50,
                Head.MLP,
                128,
                224,
                Augmentation.AUG_PLUS,
                1,
                THREADS,
                1,
                new Contrast(64, 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
                Precision.FLOAT32,
                0);
    }

    public static void main(String... arguments) throws Exception {
        ImageDecoder decoder = arguments[0].equals("jdk") ? ImageDecoder.ofJdk() : ImageDecoder.create();
        DecodedImages images = DecodedImages.uncached(new Photos(photo()), decoder);
        PretrainView view = PretrainView.of(Augmentation.AUG_PLUS, 224);
        try (ViewLoader loader = new ViewLoader(images, view, ViewPlace.HOST, THREADS, 0, THREADS);
                BatchStream<ViewBatch> batches = loader.epoch(0, 0)) {
            while (batches.hasNext()) {
                batches.next().close();
            }
        }
        System.out.println(DONE);
    }

    private static byte[] photo() throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < WIDTH * HEIGHT; i += 7) {
            image.setRGB(i % WIDTH, i / WIDTH, i);
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", jpeg);
        return jpeg.toByteArray();
    }

    @SuppressWarnings("ArrayRecordComponent") // a file
    private record Photos(byte[] photo) implements ImageSet {
        @Override
        public int size() {
            return 2 * THREADS;
        }

        @Override
        public List<String> classNames() {
            return List.of("photo");
        }

        @Override
        public Sample sample(int index) {
            return new Sample("photo " + index, WIDTH, HEIGHT, 0, List.of());
        }

        @Override
        public byte[] encoded(int index) {
            return photo.clone();
        }
    }
}
