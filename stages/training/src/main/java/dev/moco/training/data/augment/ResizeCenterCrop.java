package dev.moco.training.data.augment;

import dev.moco.training.data.pillow.Box;

/**
 * torchvision's Resize of the short side, then CenterCrop.
 *
 * @param width columns after resizing
 * @param height rows after resizing
 * @param window part of the resized image that is kept
 */
record ResizeCenterCrop(int width, int height, Box window) {
    /**
     * Computes both as torchvision does: the long side is truncated to whole pixels, the offset rounded half to even.
     */
    static ResizeCenterCrop of(int width, int height, int shortSide, int cropSize) {
        int resizedWidth = width <= height ? shortSide : (int) ((double) shortSide * width / height);
        int resizedHeight = width <= height ? (int) ((double) shortSide * height / width) : shortSide;
        Box window = new Box(offset(resizedWidth, cropSize), offset(resizedHeight, cropSize), cropSize, cropSize);
        return new ResizeCenterCrop(resizedWidth, resizedHeight, window);
    }

    private static int offset(int side, int cropSize) {
        return (int) Math.rint((side - cropSize) / 2.0);
    }
}
