package dev.moco.training.peer;

import dev.moco.training.data.CounterRandom;

/** Generated images: a wave with a random color, direction and length, plus noise, so that features differ. */
public final class SyntheticImages {
    private SyntheticImages() {}

    /** Returns N x side x side x 3 bytes; views of an image have the same wave and different noise. */
    public static byte[] images(int count, int side, long seed, long view) {
        byte[] images = new byte[count * side * side * 3];
        int at = 0;
        for (int i = 0; i < count; i++) {
            CounterRandom scene = CounterRandom.of(seed, i);
            CounterRandom noise = CounterRandom.of(seed, i, view);
            double[] wave = scene.doubles(9).toArray();
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        double angle = wave[channel] * x + wave[3 + channel] * y;
                        double light = 128 + 80 * wave[6 + channel] * Math.sin(angle) + noise.uniform(-30, 30);
                        images[at++] = (byte) Math.round(light);
                    }
                }
            }
        }
        return images;
    }

    /** Converts bytes to numbers from 0 to 255. */
    public static double[] numbers(byte[] bytes) {
        double[] numbers = new double[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            numbers[i] = bytes[i] & 0xff;
        }
        return numbers;
    }
}
