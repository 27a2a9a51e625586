package dev.moco.training.data.pillow;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Hue rotation through Pillow's 8-bit HSV, whose conversions are tabulated: both lose precision in their own ways. */
public final class Hue {
    private static final int BYTE = 256;

    /** Hue by {@link #ORDERS}, chroma, and distance of the middle channel from the largest. */
    private static final byte[] HUES = new byte[8 << 16];

    /**
     * Which is smaller in the sectors of {@link #hue}: red than green (4), red than blue (2), green than blue (1). No
     * other order is there.
     */
    private static final int[] ORDERS = {0, 1, 4, 6, 7, 3};

    /** Saturation by value and chroma. */
    private static final byte[] SATURATIONS = new byte[1 << 16];

    /** Saturation as a share. */
    private static final float[] SHARES = new float[BYTE];

    /** By hue, the share of the chroma by which its middle channel falls short of the largest. */
    private static final float[] DROPS = new float[BYTE];

    /** The channels' bytes, by hue: 1 for red, 256 for green, 65536 for blue. */
    private static final int[] LARGEST = new int[BYTE];

    private static final int[] MIDDLE = new int[BYTE];
    private static final int[] SMALLEST = new int[BYTE];

    /** Their own indices: a conversion each time takes far longer. */
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

    /** Turns the hue in place by a share of the full circle, -0.5 to 0.5. */
    public static void rotate(Planes image, double turn) {
        hsv(image);
        add(image.red(), steps(turn));
        rgb(image);
    }

    /** A share of the full circle, -0.5 to 0.5, in steps of the 8-bit hue: 0 to 255, those above 127 turn back. */
    public static int steps(double turn) {
        return (int) (turn * 255) & 0xff;
    }

    /** Hue, saturation and value, a byte each, of every colour: 2^24 x 3, red the slowest, blue the fastest. */
    public static byte[] hsvOfColours() {
        return ofColours(Hue::hsv);
    }

    /** The way back: red, green and blue of every hue, saturation and value. */
    public static byte[] coloursOfHsv() {
        return ofColours(Hue::rgb);
    }

    private static byte[] ofColours(Consumer<Planes> conversion) {
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

    /** To hue, saturation and value, which take the places of red, green and blue. */
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

    // Short loops, and sign bits for minimum and maximum, so that the compiler makes vector instructions of them.

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

    /** The order above the lower 16 bits, less the sum of the channels. */
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

    /** Adds chroma x 256, and the distance: twice the value and the smallest, less the sum of the channels. */
    private static void keys(int[] values, int[] smallest, int[] keys, int samples) {
        for (int i = 0; i < samples; i++) {
            keys[i] += 258 * values[i] - 255 * smallest[i];
        }
    }

    /**
     * Hue, 0 to 255, from the largest channel (sectors 0 and 1 red, 2 and 3 green, 4 and 5 blue) and the share of the
     * chroma by which the middle channel falls short of it; the smallest falls short by all of it.
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

    /** The way back. */
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
     * Pillow computes with doubles, adds a half and cuts off, with the same result for each of the 2^24 colours; here
     * the sum's last bits are the whole number, which is faster than a conversion.
     */
    private static int nearest(float value) {
        return Float.floatToRawIntBits(value + 0x1p23f) & 0xff;
    }
}
