package dev.moco.training.data.pillow;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Hue shift through Pillow's 8-bit HSV. The conversions use tables, which hold Pillow's rounding. */
public final class Hue {
    private static final int BYTE = 256;

    /** Hue by {@link #ORDERS}, chroma, and distance of the middle channel from the largest. */
    private static final byte[] HUES = new byte[8 << 16];

    /**
     * Order of the channels in each sector of {@link #hue}, as a sum of: 4 if red is smaller than green, 2 if red is
     * smaller than blue, 1 if green is smaller than blue.
     */
    private static final int[] ORDERS = {0, 1, 4, 6, 7, 3};

    /** Saturation by value and chroma. */
    private static final byte[] SATURATIONS = new byte[1 << 16];

    /** Saturation from 0 to 1, by saturation from 0 to 255. */
    private static final float[] SHARES = new float[BYTE];

    /** Distance of the middle channel from the largest as a share of the chroma, by hue. */
    private static final float[] DROPS = new float[BYTE];

    /** Largest, middle and smallest channel by hue: 1 for red, 256 for green, 65536 for blue. */
    private static final int[] LARGEST = new int[BYTE];

    private static final int[] MIDDLE = new int[BYTE];
    private static final int[] SMALLEST = new int[BYTE];

    /** Integers as floats: reading one is much faster than converting it. */
    private static final float[] FLOATS = new float[BYTE];

    static {
        for (int i = 0; i < BYTE; i++) {
            FLOATS[i] = i;
            SHARES[i] = (float) (i / 255.0);
            double sixths = (float) i * 6.0 / 255.0;
            int sector = (int) sixths;
            float fraction = (float) (sixths - sector);
            DROPS[i] = sector % 2 == 0 ? (float) (1.0 - fraction) : fraction;
            int large = (sector + 1) % 6 / 2;
            int small = (sector + 4) % 6 / 2;
            LARGEST[i] = 1 << (8 * large);
            SMALLEST[i] = 1 << (8 * small);
            MIDDLE[i] = 1 << (8 * (3 - large - small));
        }
        for (int chroma = 1; chroma < BYTE; chroma++) {
            for (int distance = 0; distance <= chroma; distance++) {
                float part = (float) distance / chroma;
                for (int sector = 0; sector < ORDERS.length; sector++) {
                    HUES[ORDERS[sector] << 16 | chroma << 8 | distance] = (byte) hue(sector, part);
                }
            }
            for (int value = chroma; value < BYTE; value++) {
                SATURATIONS[value << 8 | chroma] = (byte) (int) ((float) chroma / value * 255.0);
            }
        }
    }

    private Hue() {}

    /** Shifts the hue in place by a share of the full circle, -0.5 to 0.5. */
    public static void shift(Planes image, double share) {
        hsv(image);
        add(image.red(), steps(share));
        rgb(image);
    }

    /** Converts a share of the full circle, -0.5 to 0.5, to steps of the 8-bit hue, modulo 256. */
    public static int steps(double share) {
        return (int) (share * 255) & 0xff;
    }

    /** Table of hue, saturation and value of all 2^24 colors, 2^24 x 3 bytes; red varies slowest, blue fastest. */
    public static byte[] hsvOfColors() {
        return ofColors(Hue::hsv);
    }

    /** Table of the inverse: red, green and blue by hue, saturation and value. */
    public static byte[] colorsOfHsv() {
        return ofColors(Hue::rgb);
    }

    private static byte[] ofColors(Consumer<Planes> conversion) {
        ByteBuffer table = ByteBuffer.allocate(3 * BYTE * BYTE * BYTE);
        Planes planes = Planes.of(BYTE, BYTE);
        byte[] converted = new byte[3 * BYTE * BYTE];
        for (int first = 0; first < BYTE; first++) {
            for (int i = 0; i < planes.samples(); i++) {
                planes.red()[i] = first;
                planes.green()[i] = i / BYTE;
                planes.blue()[i] = i % BYTE;
            }
            conversion.accept(planes);
            planes.write(converted);
            table.put(converted);
        }
        return table.array();
    }

    /** Replaces red, green and blue by hue, saturation and value. */
    static void hsv(Planes image) {
        int[] red = image.red();
        int[] green = image.green();
        int[] blue = image.blue();
        int samples = image.samples();
        int[][] rows = Scratch.rows(0, 3, samples);
        int[] values = rows[0];
        int[] smallest = rows[1];
        int[] keys = rows[2];
        largest(red, green, blue, values, samples);
        smallest(red, green, blue, smallest, samples);
        orders(red, green, blue, keys, samples);
        keys(values, smallest, keys, samples);
        for (int i = 0; i < samples; i++) {
            int value = values[i];
            red[i] = HUES[keys[i]] & 0xff;
            green[i] = SATURATIONS[(value << 8) + value - smallest[i]] & 0xff;
            blue[i] = value;
        }
    }

    // Short loops, with sign bits for minimum and maximum, because the JIT vectorizes these.

    private static void largest(int[] red, int[] green, int[] blue, int[] largest, int samples) {
        for (int i = 0; i < samples; i++) {
            int above = red[i] - green[i];
            int larger = red[i] - (above & above >> 31);
            int further = larger - blue[i];
            largest[i] = larger - (further & further >> 31);
        }
    }

    private static void smallest(int[] red, int[] green, int[] blue, int[] smallest, int samples) {
        for (int i = 0; i < samples; i++) {
            int above = red[i] - green[i];
            int smaller = green[i] + (above & above >> 31);
            int further = blue[i] - smaller;
            smallest[i] = smaller + (further & further >> 31);
        }
    }

    /** Computes the channels' order, shifted left by 16 bits, minus the sum of the channels. */
    private static void orders(int[] red, int[] green, int[] blue, int[] orders, int samples) {
        for (int i = 0; i < samples; i++) {
            orders[i] = ((red[i] - green[i]) & 4 << 16)
                    + ((red[i] - blue[i]) & 2 << 16)
                    + ((green[i] - blue[i]) & 1 << 16)
                    - red[i]
                    - green[i]
                    - blue[i];
        }
    }

    /**
     * Adds chroma x 256, and the middle channel's distance from the largest: 2 x value + smallest - sum of the
     * channels.
     */
    private static void keys(int[] values, int[] smallest, int[] keys, int samples) {
        for (int i = 0; i < samples; i++) {
            keys[i] += 258 * values[i] - 255 * smallest[i];
        }
    }

    /**
     * Hue, 0 to 255, from the sector and the middle channel's distance from the largest as a share of the chroma. Red
     * is largest in sectors 0 and 1, green in 2 and 3, blue in 4 and 5.
     */
    private static int hue(int sector, float part) {
        float sixths = (float)
                switch (sector) {
                    case 0 -> 1f - part; // red, blue smallest
                    case 1 -> part - 1f; // red, green smallest
                    case 2 -> 2.0 + part - 1f; // green, blue smallest
                    case 3 -> 2.0 + 1f - part; // green, red smallest
                    case 4 -> 4.0 + part - 1f; // blue, red smallest
                    default -> 4.0 + 1f - part; // blue, green smallest
                };
        float circle = (float) ((sixths / 6.0 + 1.0) % 1.0);
        return (int) (circle * 255.0);
    }

    private static void add(int[] hues, int steps) {
        for (int i = 0; i < hues.length; i++) {
            hues[i] = (hues[i] + steps) & 0xff;
        }
    }

    /** Replaces hue, saturation and value by red, green and blue. */
    static void rgb(Planes image) {
        int[] red = image.red();
        int[] green = image.green();
        int[] blue = image.blue();
        for (int i = 0; i < image.samples(); i++) {
            int hue = red[i];
            float value = FLOATS[blue[i]];
            float share = SHARES[green[i]];
            int rgb = blue[i] * LARGEST[hue]
                    + nearest(value * (1f - share)) * SMALLEST[hue]
                    + nearest(value * (1f - share * DROPS[hue])) * MIDDLE[hue];
            red[i] = rgb & 0xff;
            green[i] = rgb >> 8 & 0xff;
            blue[i] = rgb >> 16;
        }
    }

    /**
     * Rounds to the nearest integer by reading the last bits of a sum, which is faster than a conversion. Pillow
     * computes in doubles, adds a half and truncates; the result is the same for each of the 2^24 colors.
     */
    private static int nearest(float value) {
        return Float.floatToRawIntBits(value + 0x1p23f) & 0xff;
    }
}
