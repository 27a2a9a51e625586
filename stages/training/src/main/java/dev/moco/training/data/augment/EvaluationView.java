package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.pillow.Box;
import dev.moco.training.data.pillow.PillowResize;

/**
 * View of evaluation: Resize of the short side to 8/7 of the size (256 for 224), then CenterCrop (docs/method.md §2).
 * Nothing is random.
 *
 * @param size side in pixels
 */
public record EvaluationView(int size) implements View {
    @Override
    public void write(RgbImage image, CounterRandom random, byte[] target) {
        ResizeCenterCrop geometry = geometry(size, image.width(), image.height());
        Box whole = Box.of(image.width(), image.height());
        PillowResize.resize(image, whole, geometry.width(), geometry.height(), geometry.window(), target);
    }

    static ResizeCenterCrop geometry(int size, int width, int height) {
        return ResizeCenterCrop.of(width, height, (int) Math.round(size * 256 / 224.0), size);
    }
}
