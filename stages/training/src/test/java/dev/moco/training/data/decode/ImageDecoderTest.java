package dev.moco.training.data.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.moco.contract.Sha256;
import dev.moco.training.Pngs;
import dev.moco.training.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
import javax.imageio.ImageIO;
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
    @CsvSource({"ycc-2.jpg, 0", "progressive.jpg, 0", "gray.jpg, 0", "cmyk.jpg, 0", "rgb.png, 21", "palette.png, 20"})
    void aTruncatedImageIsRefusedAtAnyLength(String name, int unusedBytes) throws Exception {
        byte[] whole = read(name);
        for (int length = 0; length < whole.length - unusedBytes; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            for (ImageDecoder decoder : DECODERS) {
                assertThatThrownBy(() -> decoder.decode(part))
                        .as("%d of %d bytes by %s", length, whole.length, decoder.jpegDecoder())
                        .isInstanceOf(BadImageException.class);
            }
        }
        // The checksum of the data and the end chunk of a PNG are not read.
        assertThat(DECODERS.get(0)
                        .decode(Arrays.copyOf(whole, whole.length - unusedBytes))
                        .pixels())
                .isEqualTo(read(name + ".rgb"));
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
    void aTruncatedScanBeforeAnEndMarkerHasAWarning() throws Exception {
        byte[] whole = read("ycc-0.jpg");
        byte[] cut = Arrays.copyOf(whole, whole.length - 150);
        cut[cut.length - 2] = (byte) 0xff;
        cut[cut.length - 1] = (byte) 0xd9;
        for (ImageDecoder decoder : DECODERS) {
            assertThat(decoder.check(whole).warning()).isNull();
            assertThat(decoder.check(cut).warning()).isEqualTo("Corrupt JPEG data: premature end of data segment");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a_extraneous_then_cut.jpg, ba0ad902a33cbc7922452246bd802ff41c7818ae56fceb03601da3d4c3a361c2, false",
        "b_jfif_then_cut.jpg, ba0ad902a33cbc7922452246bd802ff41c7818ae56fceb03601da3d4c3a361c2, false",
        "c_cut.jpg, ba0ad902a33cbc7922452246bd802ff41c7818ae56fceb03601da3d4c3a361c2, false",
        "d_adobe_then_cut.jpg, ba0ad902a33cbc7922452246bd802ff41c7818ae56fceb03601da3d4c3a361c2, false",
        "e_prog_extraneous_only.jpg, 0eca66ed53fab7de2c3dbfa78d11a9f006d346bea69f3d41e62881d86884ff96, false",
        "f_prog_extraneous_then_cut.jpg, e4aee066a66464670fe94dfa96a9e5c8168c328b5b51430cffc97c1b2c29e900, false",
        "g_prog_cut.jpg, e4aee066a66464670fe94dfa96a9e5c8168c328b5b51430cffc97c1b2c29e900, false",
        "h_prog_extraneous_scans_lost.jpg, 7593a031f63d6bd93cc26f8bb4b27aaff5802d10ae15445ec0d477fe417af6e5, true"
    })
    void aSecondWarningChangesNoVerdict(String name, String pixels, boolean incomplete) throws Exception {
        byte[] encoded = read("../damaged/masked/" + name);
        for (ImageDecoder decoder : DECODERS) {
            if (incomplete && decoder.jpegDecoder().equals("ImageIO")) {
                assertRefused(
                        decoder,
                        encoded,
                        "progressive JPEG without its last scans is not supported without libturbojpeg; install it");
            } else {
                assertThat(decoder.check(encoded).warning()).isNotNull();
                assertThat(incomplete
                                || Sha256.of(decoder.decode(encoded).pixels()).equals(pixels))
                        .as(decoder.jpegDecoder())
                        .isTrue();
            }
        }
    }

    /** Each row of a large image is decoded, and none is kept. */
    @Test
    void aCheckTakesLittleMemory() throws Exception {
        int width = 9248;
        int height = 6936;
        byte[] png = Pngs.black(width, height);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        CheckedImage checked = DECODERS.get(0).check(png);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(32 << 20);
        assertThat(checked.size()).isEqualTo(new ImageSize(width, height));

        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(4000, 3000, BufferedImage.TYPE_INT_RGB), "jpg", encoded);
        byte[] jpeg = encoded.toByteArray();
        for (ImageDecoder decoder : DECODERS) {
            before = threads.getCurrentThreadAllocatedBytes();
            assertThat(decoder.check(jpeg).size()).isEqualTo(new ImageSize(4000, 3000));
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as(decoder.jpegDecoder())
                    .isLessThan(16 << 20);
        }
    }

    @ParameterizedTest(name = "{0} x {1}")
    @CsvSource({"1, 1", "3, 2", "8, 8", "23, 17", "64, 5"})
    void interlacedPngsAreDecoded(int width, int height) throws Exception {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        byte[] expected = new byte[width * height * 3];
        new Random(width).nextBytes(expected);
        for (int i = 0; i < width * height; i++) {
            int rgb = (expected[3 * i] & 0xff) << 16 | (expected[3 * i + 1] & 0xff) << 8 | (expected[3 * i + 2] & 0xff);
            image.setRGB(i % width, i / width, rgb);
        }
        assertThat(DECODERS.get(0).decode(Pngs.interlaced(image)).pixels()).isEqualTo(expected);
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
                "GIF89a".getBytes(StandardCharsets.US_ASCII),
                "no JPEG, PNG, BMP, PGM, PPM, TIFF or WebP but a GIF image");
        byte[] lossless = read("ycc-0.jpg");
        lossless[frameHeader(lossless) + 1] = (byte) 0xc3;
        assertRefused(lossless, "JPEG coding process c3 is not supported; baseline, extended and progressive are");
        byte[] arithmetic = read("ycc-0.jpg");
        arithmetic[frameHeader(arithmetic) + 1] = (byte) 0xc9;
        assertRefused(
                ImageDecoder.ofJdk(),
                arithmetic,
                "JPEG coding process c9 is not supported without libturbojpeg; install it");
        byte[] png = read("rgb.png");
        png[20] ^= 1;
        assertRefused(png, "damaged PNG: wrong checksum of chunk IHDR");
    }

    private static void assertRefused(byte[] encoded, String message) {
        DECODERS.forEach(decoder -> assertRefused(decoder, encoded, message));
    }

    private static void assertRefused(ImageDecoder decoder, byte[] encoded, String message) {
        assertThatThrownBy(() -> decoder.decode(encoded))
                .as(decoder.jpegDecoder())
                .isInstanceOf(BadImageException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> decoder.check(encoded)).hasMessage(message);
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

    @ParameterizedTest
    @MethodSource("otherFormats")
    void pixelsOfOtherFormatsAreThoseOfPillow(Path image) throws Exception {
        byte[] encoded = Files.readAllBytes(image);
        ImageDecoder decoder = ImageDecoder.create();
        RgbImage decoded = decoder.decode(encoded);
        assertThat(decoded.pixels()).isEqualTo(Files.readAllBytes(Path.of(image + ".rgb")));
        ImageSize size = decoder.check(encoded).size();
        assertThat(List.of(size.width(), size.height())).containsExactly(decoded.width(), decoded.height());
        assertThat(decoder.heapBytes(encoded)).isGreaterThan(decoded.pixels().length);
    }

    /** Every change of a file gives an image or a refusal, and memory in proportion to what the header says. */
    @ParameterizedTest
    @MethodSource("otherFormats")
    void damagedImagesOfOtherFormatsAreDecodedOrRefused(Path image) throws Exception {
        byte[] whole = Files.readAllBytes(image);
        ImageDecoder decoder = ImageDecoder.create();
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] damaged = i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int changes = random.nextInt(6); changes > 0 && damaged.length > 0; changes--) {
                damaged[random.nextInt(random.nextBoolean() ? damaged.length : Math.min(damaged.length, 200))] =
                        (byte) (random.nextInt(3) == 0 ? 255 : random.nextInt(256));
            }
            try {
                decoder.check(damaged);
                decoder.decode(damaged);
            } catch (BadImageException e) {
                assertThat(e).hasMessageMatching("(?s).{5,}");
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void aHeaderOfManyPixelsIsRefused() {
        assertRefused(
                "P6 60000 60000 255\n".getBytes(StandardCharsets.US_ASCII),
                "header gives a size of 60000x60000 pixels, more than the 178956970 that are allowed");
        assertRefused("P5 2 2 255\nabc".getBytes(StandardCharsets.US_ASCII), "truncated PNM: 3 bytes of data of 4");
    }

    /** WebP, where libwebp is installed. */
    private static List<Path> otherFormats() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(ImageDecoderTest.class.getResource("/formats"));
        try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
            return files.filter(file -> file.toString().matches(".*\\.(bmp|pgm|ppm|tiff|webp)"))
                    .filter(file -> WebpDecoder.installed() || !file.toString().endsWith(".webp"))
                    .sorted()
                    .toList();
        }
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
