package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/** A random view of MoCo v1 or v2's aug+ (RECIPE §1.6). */
public final class PretrainView implements View {
    private final ViewRecipe recipe;
    private final int size;

    public PretrainView(Augmentation augmentation, int size) {
        this.recipe = ViewRecipe.of(augmentation);
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void write(RgbImage image, CounterRandom random, byte[] target) {
        ViewDraw.draw(recipe, image.width(), image.height(), random).apply(recipe, image, size, target);
    }
}
