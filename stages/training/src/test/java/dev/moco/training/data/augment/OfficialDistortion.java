package dev.moco.training.data.augment;

import dev.moco.training.data.augment.ColorJitter.Adjustment;
import java.util.function.DoubleUnaryOperator;

/**
 * Color distortion and blur of SimCLR's code for TensorFlow, which computes in floating point and differs from the paper's
 * form for torchvision, ours. Images are height x width x 3 numbers in [0, 1].
 */
final class OfficialDistortion {
    private OfficialDistortion() {}

    /** One adjustment, then clipped to [0, 1]; brightness is added in the code of 2020 and multiplied later. */
    static double[][][] adjust(double[][][] image, Adjustment adjustment, double parameter, boolean additive) {
        return switch (adjustment) {
            case BRIGHTNESS -> map(image, x -> additive ? x + parameter : x * parameter);
            case CONTRAST -> contrast(image, parameter);
            case SATURATION -> hsv(image, 1, s -> s * parameter);
            case HUE -> hsv(image, 0, h -> ((h + parameter) % 1 + 1) % 1);
        };
    }

    static double[][][] grayscale(double[][][] image) {
        double[][][] gray = copy(image);
        for (double[][] row : gray) {
            for (double[] pixel : row) {
                double luma = 0.2989 * pixel[0] + 0.5870 * pixel[1] + 0.1140 * pixel[2];
                pixel[0] = pixel[1] = pixel[2] = luma;
            }
        }
        return gray;
    }

    /** Sampled Gaussian of sum 1, as many numbers as the size has taps. */
    static double[] kernel(int taps, double sigma) {
        double[] kernel = new double[taps];
        double sum = 0;
        for (int i = 0; i < taps; i++) {
            double distance = i - taps / 2;
            kernel[i] = Math.exp(-distance * distance / (2 * sigma * sigma));
            sum += kernel[i];
        }
        for (int i = 0; i < taps; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }

    static int taps(int height) {
        return 2 * (height / 10 / 2) + 1;
    }

    /** Blurs with zeros around the image, so that its borders become darker. */
    static double[][][] blur(double[][][] image, double[] kernel) {
        double[][][] result = new double[image.length][image[0].length][3];
        int radius = kernel.length / 2;
        for (int y = 0; y < image.length; y++) {
            for (int x = 0; x < image[0].length; x++) {
                for (int dy = -radius; dy <= radius; dy++) {
                    for (int dx = -radius; dx <= radius; dx++) {
                        boolean inside =
                                y + dy >= 0 && y + dy < image.length && x + dx >= 0 && x + dx < image[0].length;
                        for (int c = 0; inside && c < 3; c++) {
                            result[y][x][c] += kernel[dy + radius] * kernel[dx + radius] * image[y + dy][x + dx][c];
                        }
                    }
                }
            }
        }
        return map(result, value -> value);
    }

    /** Around the mean of each channel; Pillow's is around the mean of the luma. */
    private static double[][][] contrast(double[][][] image, double factor) {
        double[][][] result = copy(image);
        for (int c = 0; c < 3; c++) {
            double mean = 0;
            for (double[][] row : image) {
                for (double[] pixel : row) {
                    mean += pixel[c] / (image.length * image[0].length);
                }
            }
            for (double[][] row : result) {
                for (double[] pixel : row) {
                    pixel[c] = (pixel[c] - mean) * factor + mean;
                }
            }
        }
        return map(result, value -> value);
    }

    /** Changes hue (0) or saturation (1). */
    private static double[][][] hsv(double[][][] image, int component, DoubleUnaryOperator change) {
        double[][][] result = copy(image);
        for (double[][] row : result) {
            for (int x = 0; x < row.length; x++) {
                double[] hsv = toHsv(row[x]);
                hsv[component] = clip(change.applyAsDouble(hsv[component]));
                row[x] = toRgb(hsv);
            }
        }
        return map(result, value -> value);
    }

    private static double[] toHsv(double[] rgb) {
        double value = Math.max(rgb[0], Math.max(rgb[1], rgb[2]));
        double chroma = value - Math.min(rgb[0], Math.min(rgb[1], rgb[2]));
        if (chroma == 0) {
            return new double[] {0, 0, value};
        }
        double sixths = value == rgb[0]
                ? (rgb[1] - rgb[2]) / chroma
                : value == rgb[1] ? 2 + (rgb[2] - rgb[0]) / chroma : 4 + (rgb[0] - rgb[1]) / chroma;
        return new double[] {(sixths / 6 + 1) % 1, chroma / value, value};
    }

    private static double[] toRgb(double[] hsv) {
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            double distance = Math.abs((hsv[0] * 6 + (6 - 2 * c)) % 6 - 3);
            rgb[c] = hsv[2] * (1 - hsv[1] * (1 - clip(distance - 1)));
        }
        return rgb;
    }

    private static double[][][] map(double[][][] image, DoubleUnaryOperator function) {
        double[][][] result = copy(image);
        for (double[][] row : result) {
            for (double[] pixel : row) {
                for (int c = 0; c < 3; c++) {
                    pixel[c] = clip(function.applyAsDouble(pixel[c]));
                }
            }
        }
        return result;
    }

    private static double clip(double value) {
        return Math.min(Math.max(value, 0), 1);
    }

    private static double[][][] copy(double[][][] image) {
        double[][][] copy = new double[image.length][image[0].length][];
        for (int y = 0; y < image.length; y++) {
            for (int x = 0; x < image[0].length; x++) {
                copy[y][x] = image[y][x].clone();
            }
        }
        return copy;
    }
}
