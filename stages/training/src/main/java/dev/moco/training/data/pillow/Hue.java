package dev.moco.training.data.pillow;

/** Hue rotation through Pillow's 8-bit HSV, whose conversions are tabulated: both lose precision in their own ways. */
public final class Hue {
    private static final int COLOURS = 1 << 24;

    /** Hue by [sector][chroma x distance of the middle channel from the largest]; sectors in {@link #hue}'s order. */
    private static final byte[][] HUES = new byte[6][1 << 16];

    /** Saturation by value and chroma. */
    private static final byte[] SATURATIONS = new byte[1 << 16];

    static {
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
            write(table, colour * 3, (byte) (hsv >> 16), (byte) (hsv >> 8), (byte) hsv);
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
        if (saturation == 0) {
            rgb[at] = (byte) value;
            rgb[at + 1] = (byte) value;
            rgb[at + 2] = (byte) value;
            return;
        }
        double sixths = (float) hue * 6.0 / 255.0;
        int sector = (int) sixths;
        float fraction = (float) (sixths - sector);
        float share = (float) (saturation / 255.0);
        byte p = rounded(value * (1.0 - share));
        byte q = rounded(value * (1.0 - share * fraction));
        byte t = rounded(value * (1.0 - share * (1.0 - fraction)));
        byte v = (byte) value;
        switch (sector % 6) {
            case 0 -> write(rgb, at, v, t, p);
            case 1 -> write(rgb, at, q, v, p);
            case 2 -> write(rgb, at, p, v, t);
            case 3 -> write(rgb, at, p, q, v);
            case 4 -> write(rgb, at, t, p, v);
            default -> write(rgb, at, v, p, q);
        }
    }

    private static void write(byte[] rgb, int at, byte red, byte green, byte blue) {
        rgb[at] = red;
        rgb[at + 1] = green;
        rgb[at + 2] = blue;
    }

    /** Nothing here is negative or above 255. */
    private static byte rounded(double value) {
        return (byte) (int) (value + 0.5);
    }
}
