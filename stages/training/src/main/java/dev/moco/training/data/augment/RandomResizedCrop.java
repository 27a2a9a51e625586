package dev.moco.training.data.augment;

import dev.moco.training.data.pillow.Box;
import java.util.function.DoubleSupplier;

/**
 * RandomResizedCrop as torchvision draws it: a uniform share of the area and a log-uniform aspect ratio of 3/4 to 4/3;
 * after ten tries that do not fit, the largest centered crop of an allowed ratio (docs/method.md §1.7).
 *
 * @param smallestArea least share of the image's area; 0.2 in MoCo, 0.08 in SimCLR and in linear classification
 */
public record RandomResizedCrop(double smallestArea) {
    private static final double LINEAR_SMALLEST_AREA = 0.08;
    private static final int TRIES = 10;
    private static final double NARROWEST = 3.0 / 4.0;
    private static final double WIDEST = 4.0 / 3.0;

    /** Crop of linear classification. */
    static RandomResizedCrop ofLinearClassification() {
        return new RandomResizedCrop(LINEAR_SMALLEST_AREA);
    }

    /**
     * Draws a crop from uniform numbers in [0, 1): area and ratio at each try, then top and left of the crop that fits.
     */
    public Box draw(int width, int height, DoubleSupplier uniform) {
        double area = (double) width * height;
        for (int i = 0; i < TRIES; i++) {
            double share = smallestArea + uniform.getAsDouble() * (1 - smallestArea);
            double ratio =
                    Math.exp(Math.log(NARROWEST) + uniform.getAsDouble() * (Math.log(WIDEST) - Math.log(NARROWEST)));
            int cropWidth = (int) Math.rint(Math.sqrt(area * share * ratio));
            int cropHeight = (int) Math.rint(Math.sqrt(area * share / ratio));
            if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
                int top = (int) (uniform.getAsDouble() * (height - cropHeight + 1));
                int left = (int) (uniform.getAsDouble() * (width - cropWidth + 1));
                return new Box(left, top, cropWidth, cropHeight);
            }
        }
        return centered(width, height);
    }

    private static Box centered(int width, int height) {
        double ratio = (double) width / height;
        int cropWidth = ratio > WIDEST ? (int) Math.rint(height * WIDEST) : width;
        int cropHeight = ratio < NARROWEST ? (int) Math.rint(width / NARROWEST) : height;
        return new Box((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
    }
}
