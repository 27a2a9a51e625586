package dev.moco.training.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.training.data.RgbImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each case is decoded by the JDK and, if installed, by libturbojpeg. */
class ImageDecoderTest {
    private static final List<ImageDecoder> DECODERS = List.of(ImageDecoder.ofJdk(), ImageDecoder.create());
    private static final int FRAME_HEADER = 0xc0;

    @ParameterizedTest
    @MethodSource("images")
    void pixelsAreThoseOfPillow(Path image) throws Exception {
        byte[] expected = Files.readAllBytes(Path.of(image + ".rgb"));
        for (ImageDecoder decoder : DECODERS) {
            assertThat(decoder.decode(Files.readAllBytes(image)).pixels())
                    .as(decoder.jpegDecoder())
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exif-1.jpg",
                "exif-2.jpg",
                "exif-3.jpg",
                "exif-4.jpg",
                "exif-5.jpg",
                "exif-6.jpg",
                "exif-7.jpg",
                "exif-8.jpg",
                "exif-8.png"
            })
    void orientationIsAppliedOnRequest(String name) throws Exception {
        byte[] encoded = read(name);
        for (ImageDecoder decoder : DECODERS) {
            RgbImage upright = decoder.decodeUpright(encoded);
            assertThat(upright.pixels()).isEqualTo(read(name + ".upright.rgb"));
            boolean transposed = name.matches("exif-[5-8].*");
            assertThat(upright.width()).isEqualTo(transposed ? 17 : 23);
            assertThat(upright.height()).isEqualTo(transposed ? 23 : 17);
            RgbImage stored = decoder.decode(encoded);
            assertThat(stored.width()).isEqualTo(23);
            assertThat(stored.height()).isEqualTo(17);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ycc-2.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "rgb.png", "palette.png"})
    void aTruncatedImageIsRefusedAtAnyLength(String name) throws Exception {
        byte[] whole = read(name);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            for (ImageDecoder decoder : DECODERS) {
                assertThatThrownBy(() -> decoder.decode(part))
                        .as("%d of %d bytes by %s", length, whole.length, decoder.jpegDecoder())
                        .isInstanceOf(BadImageException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ycc-2.jpg", "progressive.jpg", "cmyk.jpg", "rgb.png", "palette.png"})
    void alteredBytesGiveAnImageOrABadImageException(String name) throws Exception {
        byte[] whole = read(name);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] altered = whole.clone();
            altered[random.nextInt(whole.length)] = (byte) random.nextInt(256);
            for (ImageDecoder decoder : DECODERS) {
                try {
                    assertThat(decoder.decode(altered).pixels()).isNotEmpty();
                } catch (BadImageException e) {
                    assertThat(e).hasMessageNotContaining("null");
                }
            }
        }
    }

    @Test
    void aTruncatedScanBeforeAnEndMarkerIsDamage() throws Exception {
        byte[] whole = read("ycc-0.jpg");
        byte[] cut = Arrays.copyOf(whole, whole.length - 150);
        cut[cut.length - 2] = (byte) 0xff;
        cut[cut.length - 1] = (byte) 0xd9;
        assertRefused(cut, "damaged JPEG: Corrupt JPEG data: premature end of data segment");
    }

    @ParameterizedTest
    @CsvSource({
        "65500, 65500, 'header gives a size of 65500x65500 pixels, more than the 178956970 that are allowed'",
        "0, 17, header gives a size of 0x17 pixels"
    })
    void sizesAboveTheLimitAreRefusedBeforeDecoding(int width, int height, String message) throws Exception {
        byte[] encoded = read("ycc-0.jpg");
        int frame = frameHeader(encoded);
        encoded[frame + 5] = (byte) (height >> 8);
        encoded[frame + 6] = (byte) height;
        encoded[frame + 7] = (byte) (width >> 8);
        encoded[frame + 8] = (byte) width;
        assertRefused(encoded, message);
    }

    @Test
    void filesOfOtherTypesAreRefused() throws Exception {
        assertRefused(new byte[0], "empty file");
        assertRefused(
                "GIF89a".getBytes(StandardCharsets.US_ASCII), "neither JPEG nor PNG, starts with bytes 47 49 46 38");
        byte[] arithmetic = read("ycc-0.jpg");
        arithmetic[frameHeader(arithmetic) + 1] = (byte) 0xc9;
        assertRefused(arithmetic, "JPEG coding process c9 is not supported; baseline, extended and progressive are");
        byte[] png = read("rgb.png");
        png[png.length - 20] ^= 1;
        assertRefused(png, "damaged PNG: wrong checksum of chunk IDAT");
    }

    private static void assertRefused(byte[] encoded, String message) {
        for (ImageDecoder decoder : DECODERS) {
            assertThatThrownBy(() -> decoder.decode(encoded))
                    .as(decoder.jpegDecoder())
                    .isInstanceOf(BadImageException.class)
                    .hasMessage(message);
        }
    }

    private static int frameHeader(byte[] jpeg) {
        return IntStream.range(0, jpeg.length)
                .filter(i -> (jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == FRAME_HEADER)
                .findFirst()
                .orElseThrow();
    }

    private static byte[] read(String name) throws IOException, URISyntaxException {
        return Files.readAllBytes(folder().resolve(name));
    }

    private static List<Path> images() throws IOException, URISyntaxException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.toString().matches(".*\\.(jpg|png|JPEG)"))
                    .sorted()
                    .toList();
        }
    }

    private static Path folder() throws URISyntaxException {
        URL folder = Objects.requireNonNull(ImageDecoderTest.class.getResource("/images"));
        return Path.of(folder.toURI());
    }
}
