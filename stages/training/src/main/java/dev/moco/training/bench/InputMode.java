package dev.moco.training.bench;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.RandomResizedCrop;
import dev.moco.training.data.augment.View;
import dev.moco.training.data.pillow.PillowResize;

/** How much of a view the loader makes; what it leaves out is left to a device. */
enum InputMode {
    HOST("decode and two exact views") {
        @Override
        View view(int size) {
            return new PretrainView(Augmentation.AUG_PLUS, size);
        }
    },
    COLOUR("decode and two crops; colour, blur and flip on a device") {
        @Override
        View view(int size) {
            return new Crop(size);
        }
    },
    DECODE("decode alone; crops on a device too") {
        @Override
        View view(int size) {
            return new Nothing();
        }
    };

    private final String words;

    InputMode(String words) {
        this.words = words;
    }

    abstract View view(int size);

    String words() {
        return words;
    }

    /** The random resized crop of pre-training. */
    private record Crop(int size) implements View {
        private static final RandomResizedCrop CROP = RandomResizedCrop.ofPretraining();

        @Override
        public void write(RgbImage image, CounterRandom random, byte[] target) {
            PillowResize.resize(
                    image, CROP.draw(image.width(), image.height(), random::nextDouble), size, size, target);
        }
    }

    /** A pixel of nothing: the image is decoded before its views are asked for. */
    private record Nothing() implements View {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public void write(RgbImage image, CounterRandom random, byte[] target) {}
    }
}
