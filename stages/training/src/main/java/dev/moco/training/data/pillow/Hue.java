package dev.moco.training.data.pillow;

/** Hue rotation through Pillow's 8-bit HSV, whose conversions are tabulated: both lose precision in their own ways. */
public final class Hue {
    private static final int COLOURS = 1 << 24;

    /** Hue by sector, chroma, and distance of the middle channel from the largest; sectors in {@link #hue}'s order. */
    private static final byte[] HUES = new byte[6 << 16];

    /** Sector by which is smaller: red than green (4), red than blue (2), green than blue (1); 2 and 5 cannot be. */
    private static final int[] SECTORS = {0, 1, 0, 5, 2, 0, 3, 4};

    /** Saturation by value and chroma. */
    private static final byte[] SATURATIONS = new byte[1 << 16];

    /** By hue, the share of the chroma by which its middle channel falls short of the largest. */
    private static final float[] DROPS = new float[256];

    /** Saturation as a share. */
    private static final float[] SHARES = new float[256];

    /** By hue, how far red (lowest byte), green and blue lie from the low end of {@link #write}'s parts. */
    private static final int[] PLACES = new int[256];

    private static final int LARGEST = 0;
    private static final int LEAST = 8;
    private static final int MIDDLE = 16;

    static {
        for (int i = 0; i < 256; i++) {
            double sixths = (float) i * 6.0 / 255.0;
            int sector = (int) sixths;
            float fraction = (float) (sixths - sector);
            DROPS[i] = sector % 2 == 0 ? (float) (1.0 - fraction) : fraction;
            SHARES[i] = (float) (i / 255.0);
            PLACES[i] = switch (sector % 6) {
                case 0 -> LARGEST | MIDDLE << 8 | LEAST << 16;
                case 1 -> MIDDLE | LARGEST << 8 | LEAST << 16;
                case 2 -> LEAST | LARGEST << 8 | MIDDLE << 16;
                case 3 -> LEAST | MIDDLE << 8 | LARGEST << 16;
                case 4 -> MIDDLE | LEAST << 8 | LARGEST << 16;
                default -> LARGEST | LEAST << 8 | MIDDLE << 16;
            };
        }
        for (int chroma = 1; chroma < 256; chroma++) {
            for (int distance = 0; distance <= chroma; distance++) {
                float part = (float) distance / chroma;
                for (int sector = 0; sector < 6; sector++) {
                    HUES[sector << 16 | chroma << 8 | distance] = (byte) hue(sector, part);
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
        int smallest = Math.min(red, Math.min(green, blue));
        int chroma = value - smallest;
        if (chroma == 0) {
            return value;
        }
        int middle = red + green + blue - value - smallest;
        // Sign bits rather than branches, which the processor could not foresee.
        int order = ((red - green) >>> 31) << 2 | ((red - blue) >>> 31) << 1 | ((green - blue) >>> 31);
        byte hue = HUES[SECTORS[order] << 16 | chroma << 8 | value - middle];
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
        float share = SHARES[saturation];
        int parts =
                value | nearest(value * (1f - share)) << LEAST | nearest(value * (1f - share * DROPS[hue])) << MIDDLE;
        int places = PLACES[hue];
        rgb[at] = (byte) (parts >>> (places & 0xff));
        rgb[at + 1] = (byte) (parts >>> (places >> 8 & 0xff));
        rgb[at + 2] = (byte) (parts >>> (places >> 16));
    }

    /**
     * Pillow computes with doubles, adds a half and cuts off, with the same result for each of the 2^24 colours; here
     * the sum's last bits are the whole number, which is faster than a conversion.
     */
    private static int nearest(float value) {
        return Float.floatToRawIntBits(value + 0x1p23f) & 0xff;
    }
}
