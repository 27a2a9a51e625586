package dev.moco.training.pretrain;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Picture;
import dev.moco.contract.ViewSamples;
import dev.moco.contract.ViewSamples.ViewSample;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.thumbnail.Thumbnail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes some training images with views of them, as the report shows what an encoder learns from. */
final class ViewPictures {
    private static final int IMAGES = 4;
    private static final int VIEWS = 6;
    private static final int LONGEST = 128;
    /** Random stream of these views, distinct from those of training. */
    private static final long KEY = -4;

    private ViewPictures() {}

    /**
     * Writes the file.
     *
     * @param set the images' names
     * @param seed seed of the run
     */
    static Path write(Path folder, ImageSet set, DecodedImages images, PretrainView view, long seed)
            throws IOException {
        List<ViewSample> samples = new ArrayList<>();
        int count = Math.min(IMAGES, images.size());
        for (int i = 0; i < count; i++) {
            int index = (int) ((long) i * images.size() / count);
            String label = label(set, index);
            images.use(index, view.size(), image -> samples.add(sample(label, image, view, seed, index)));
        }
        Path file = folder.resolve(Path.of(ViewSamples.FILE).getFileName());
        return Files.write(file, CanonicalJson.bytes(new ViewSamples(samples)));
    }

    private static ViewSample sample(String label, RgbImage image, PretrainView view, long seed, int index) {
        List<Picture> views = new ArrayList<>();
        for (int i = 0; i < VIEWS; i++) {
            byte[] pixels = new byte[view.size() * view.size() * 3];
            view.draw(image, CounterRandom.of(seed, KEY, index, i))
                    .apply(view.transforms(), image, view.size(), pixels);
            views.add(Thumbnail.of("", new RgbImage(view.size(), view.size(), pixels), LONGEST));
        }
        return new ViewSample(Thumbnail.of(label, image, LONGEST), views);
    }

    /** The image's class; its name in a set without classes. */
    private static String label(ImageSet set, int index) {
        int label = set.sample(index).label();
        return label >= 0 && label < set.classNames().size()
                ? set.classNames().get(label)
                : set.sample(index).id();
    }
}
