package dev.moco.training.data.pillow;

/** Hue rotation through Pillow's 8-bit HSV, whose conversions are tabulated: both lose precision in their own ways. */
public final class Hue {
    private static final int COLOURS = 1 << 24;

    /** Hue by [sector][chroma x distance of the middle channel from the largest]; sectors in {@link #hue}'s order. */
    private static final byte[][] HUES = new byte[6][1 << 16];

    /** Saturation by value and chroma. */
    private static final byte[] SATURATIONS = new byte[1 << 16];

    /** Where a hue lies within its sector. */
    private static final float[] FRACTIONS = new float[256];

    /** Saturation as a share. */
    private static final float[] SHARES = new float[256];

    /** The smallest channel by value and saturation. */
    private static final byte[] SMALLEST = new byte[1 << 16];

    /** By hue, how far red (lowest byte), green and blue lie from the low end of value, p, q, t. */
    private static final int[] PLACES = new int[256];

    private static final int V = 0;
    private static final int P = 8;
    private static final int Q = 16;
    private static final int T = 24;

    static {
        for (int i = 0; i < 256; i++) {
            double sixths = (float) i * 6.0 / 255.0;
            FRACTIONS[i] = (float) (sixths - (int) sixths);
            SHARES[i] = (float) (i / 255.0);
            PLACES[i] = switch ((int) sixths % 6) {
                case 0 -> V | T << 8 | P << 16;
                case 1 -> Q | V << 8 | P << 16;
                case 2 -> P | V << 8 | T << 16;
                case 3 -> P | Q << 8 | V << 16;
                case 4 -> T | P << 8 | V << 16;
                default -> V | P << 8 | Q << 16;
            };
            for (int value = 0; value < 256; value++) {
                SMALLEST[value << 8 | i] = (byte) rounded(value * (1.0 - SHARES[i]));
            }
        }
        for (int chroma = 1; chroma < 256; chroma++) {
            for (int distance = 0; distance <= chroma; distance++) {
                float part = (float) distance / chroma;
                for (int sector = 0; sector < HUES.length; sector++) {
                    HUES[sector][chroma << 8 | distance] = (byte) hue(sector, part);
                }
            }
            for (int value = chroma; value < 256; value++) {
                SATURATIONS[value << 8 | chroma] = (byte) (int) ((float) chroma / value * 255.0);
            }
        }
    }

    private Hue() {}

    /** Turns the hue of RGB bytes in place by a share of the full circle, -0.5 to 0.5. */
    public static void rotate(byte[] rgb, double turn) {
        int steps = steps(turn);
        for (int i = 0; i < rgb.length; i += 3) {
            int hsv = hsv(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
            write(rgb, i, ((hsv >> 16) + steps) & 0xff, hsv >> 8 & 0xff, hsv & 0xff);
        }
    }

    /** A share of the full circle, -0.5 to 0.5, in steps of the 8-bit hue: 0 to 255, those above 127 turn back. */
    public static int steps(double turn) {
        return (int) (turn * 255) & 0xff;
    }

    /** Hue, saturation and value, a byte each, of every colour: 2^24 x 3, red the slowest, blue the fastest. */
    public static byte[] hsvOfColours() {
        byte[] table = new byte[COLOURS * 3];
        for (int colour = 0; colour < COLOURS; colour++) {
            int hsv = hsv(colour >> 16, colour >> 8 & 0xff, colour & 0xff);
            table[3 * colour] = (byte) (hsv >> 16);
            table[3 * colour + 1] = (byte) (hsv >> 8);
            table[3 * colour + 2] = (byte) hsv;
        }
        return table;
    }

    /** The way back: red, green and blue of every hue, saturation and value. */
    public static byte[] coloursOfHsv() {
        byte[] table = new byte[COLOURS * 3];
        for (int hsv = 0; hsv < COLOURS; hsv++) {
            write(table, hsv * 3, hsv >> 16, hsv >> 8 & 0xff, hsv & 0xff);
        }
        return table;
    }

    /** Hue, saturation and value of a pixel, 8 bits each, in this order from the high end. */
    static int hsv(int red, int green, int blue) {
        int value = Math.max(red, Math.max(green, blue));
        int chroma = value - Math.min(red, Math.min(green, blue));
        if (chroma == 0) {
            return value;
        }
        int row = chroma << 8;
        byte hue;
        if (red == value) {
            hue = blue <= green ? HUES[0][row | (value - green)] : HUES[1][row | (value - blue)];
        } else if (green == value) {
            hue = blue <= red ? HUES[2][row | (value - red)] : HUES[3][row | (value - blue)];
        } else {
            hue = red <= green ? HUES[4][row | (value - green)] : HUES[5][row | (value - red)];
        }
        return (hue & 0xff) << 16 | (SATURATIONS[value << 8 | chroma] & 0xff) << 8 | value;
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

    private static void write(byte[] rgb, int at, int hue, int saturation, int value) {
        float fraction = FRACTIONS[hue];
        float share = SHARES[saturation];
        // Value, p, q and t of Pillow's code, a byte each; the hue's sector says which goes where.
        int parts = value
                | (SMALLEST[value << 8 | saturation] & 0xff) << 8
                | rounded(value * (1.0 - share * fraction)) << 16
                | rounded(value * (1.0 - share * (1.0 - fraction))) << 24;
        int places = PLACES[hue];
        rgb[at] = (byte) (parts >>> (places & 0xff));
        rgb[at + 1] = (byte) (parts >>> (places >> 8 & 0xff));
        rgb[at + 2] = (byte) (parts >>> (places >> 16));
    }

    /** Nothing here is negative or above 255. */
    private static int rounded(double value) {
        return (int) (value + 0.5);
    }
}
