package dev.moco.training.data.decode;

/** Color conversions of JPEG in the 16-bit fixed-point arithmetic of libjpeg, and Pillow's conversion of CMYK. */
final class JpegColors {
    private static final int HALF = 1 << 15;
    private static final int CR_TO_RED = fixed(1.40200);
    private static final int CB_TO_BLUE = fixed(1.77200);
    private static final int CR_TO_GREEN = fixed(0.71414);
    private static final int CB_TO_GREEN = fixed(0.34414);

    private JpegColors() {}

    static byte[] grayToRgb(byte[] gray) {
        byte[] rgb = new byte[gray.length * 3];
        for (int i = 0; i < gray.length; i++) {
            rgb[3 * i] = gray[i];
            rgb[3 * i + 1] = gray[i];
            rgb[3 * i + 2] = gray[i];
        }
        return rgb;
    }

    /** Converts in place. */
    static byte[] yccToRgb(byte[] samples) {
        for (int i = 0; i < samples.length; i += 3) {
            convert(samples, i);
        }
        return samples;
    }

    /** Converts in place: C, M and Y are the complements of R, G and B; K does not change. */
    static byte[] ycckToCmyk(byte[] samples) {
        for (int i = 0; i < samples.length; i += 4) {
            convert(samples, i);
            samples[i] = (byte) ~samples[i];
            samples[i + 1] = (byte) ~samples[i + 1];
            samples[i + 2] = (byte) ~samples[i + 2];
        }
        return samples;
    }

    /** Converts CMYK samples that are stored inverted, as Adobe stores them and Pillow assumes of every CMYK JPEG. */
    static byte[] invertedCmykToRgb(byte[] cmyk) {
        byte[] rgb = new byte[cmyk.length / 4 * 3];
        int at = 0;
        for (int i = 0; i < cmyk.length; i += 4) {
            int light = cmyk[i + 3] & 0xff;
            rgb[at++] = lit(cmyk[i], light);
            rgb[at++] = lit(cmyk[i + 1], light);
            rgb[at++] = lit(cmyk[i + 2], light);
        }
        return rgb;
    }

    private static byte lit(byte inverted, int light) {
        int product = (255 - (inverted & 0xff)) * light + 128;
        return (byte) (light - (((product >> 8) + product) >> 8));
    }

    private static void convert(byte[] samples, int at) {
        int y = samples[at] & 0xff;
        int cb = (samples[at + 1] & 0xff) - 128;
        int cr = (samples[at + 2] & 0xff) - 128;
        samples[at] = clip(y + ((CR_TO_RED * cr + HALF) >> 16));
        samples[at + 1] = clip(y + ((HALF - CB_TO_GREEN * cb - CR_TO_GREEN * cr) >> 16));
        samples[at + 2] = clip(y + ((CB_TO_BLUE * cb + HALF) >> 16));
    }

    private static byte clip(int value) {
        return (byte) Math.min(Math.max(value, 0), 255);
    }

    private static int fixed(double value) {
        return (int) (value * (1 << 16) + 0.5);
    }
}
