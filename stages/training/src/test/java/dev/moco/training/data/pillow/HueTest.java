package dev.moco.training.data.pillow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HueTest {
    /** The expected values are computed as by hsv2rgb in Pillow's Convert.c, which mixes floats and doubles. */
    @Test
    void everyHsvColorIsConvertedAsInPillow() {
        byte[] expected = new byte[(1 << 24) * 3];
        for (int hsv = 0; hsv < 1 << 24; hsv++) {
            double sixths = (hsv >> 16) * 6.0 / 255.0;
            int sector = (int) sixths;
            float fraction = (float) (sixths - sector);
            float saturation = (float) ((hsv >> 8 & 0xff) / 255.0);
            int v = hsv & 0xff;
            int p = (int) Math.round(v * (1.0 - saturation));
            int q = (int) Math.round(v * (1.0 - saturation * fraction));
            int t = (int) Math.round(v * (1.0 - saturation * (1.0 - fraction)));
            int[] color = new int[][] {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}}[sector % 6];
            for (int channel = 0; channel < 3; channel++) {
                expected[3 * hsv + channel] = (byte) color[channel];
            }
        }
        assertThat(Arrays.mismatch(Hue.colorsOfHsv(), expected)).isEqualTo(-1);
    }
}
