package dev.moco.training.data.decode;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Decodes WebP with libwebp, which Pillow contains too, so that the pixels are the same: another decoder gives those of
 * lossy images other colors at edges. Animations are refused.
 */
final class WebpDecoder implements RasterImage {
    private static final List<String> NAMES = List.of("libwebp.so.7", "libwebp.so.6", "webp");
    private static final int HEADER = 30;
    private static final int ANIMATED = 2;

    private static final boolean INSTALLED = NAMES.stream().anyMatch(WebpDecoder::register);

    private final byte[] file;
    private final ImageSize size;

    private WebpDecoder(byte[] file, ImageSize size) {
        this.file = file;
        this.size = size;
    }

    private static boolean register(String name) {
        try {
            Native.register(Functions.class, NativeLibrary.getInstance(name));
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /** Functions of libwebp 0.4 and later. */
    private static final class Functions {
        private Functions() {}

        static native int WebPGetInfo(byte[] data, NativeLong dataSize, int[] width, int[] height);

        static native Pointer WebPDecodeRGBInto(
                byte[] data, NativeLong dataSize, byte[] pixels, NativeLong pixelsSize, int stride);
    }

    static boolean installed() {
        return INSTALLED;
    }

    static boolean matches(byte[] file) {
        return file.length >= 16
                && text(file, 0).equals("RIFF")
                && text(file, 8).equals("WEBP");
    }

    private static String text(byte[] file, int at) {
        return new String(file, at, 4, StandardCharsets.ISO_8859_1);
    }

    static WebpDecoder of(byte[] file) throws BadImageException {
        if (!INSTALLED) {
            throw new BadImageException(
                    "WebP needs the library libwebp, which is not installed here: package libwebp7 on Debian and Ubuntu");
        }
        if (text(file, 12).equals("VP8X") && file.length >= HEADER && (file[20] & ANIMATED) != 0) {
            throw new BadImageException("WebP with an animation");
        }
        int[] width = new int[1];
        int[] height = new int[1];
        if (Functions.WebPGetInfo(file, new NativeLong(file.length), width, height) == 0) {
            throw new BadImageException("damaged or truncated WebP: no header");
        }
        return new WebpDecoder(file, ImageSize.checked(width[0], height[0]));
    }

    @Override
    public ImageSize size() {
        return size;
    }

    @Override
    public int orientation() {
        // Chunks: a name and a length of 4 bytes each, and an even number of bytes.
        long at = 12;
        while (at + 8 <= file.length) {
            int start = (int) at;
            long length = Integer.toUnsignedLong(
                    Integer.reverseBytes(ByteBuffer.wrap(file).getInt(start + 4)));
            long end = Math.min(file.length, at + 8 + length);
            if (text(file, start).equals("EXIF")) {
                boolean prefixed = end - at >= 14 && text(file, start + 8).equals("Exif");
                return Orientation.read(file, start + (prefixed ? 14 : 8), (int) end);
            }
            at += 8 + length + length % 2;
        }
        return Orientation.UPRIGHT;
    }

    @Override
    public long heapBytes() {
        int turned = orientation() == Orientation.UPRIGHT ? 1 : 2;
        // Outside of the heap JNA passes as much again, and libwebp has four bytes a pixel of a lossless image.
        return RasterImage.rgbBytes(size) * (turned + 1) + 4L * size.width() * size.height();
    }

    @Override
    public void check() throws BadImageException {
        DecodeMemory.OF_PROCESS.require(heapBytes());
        DecodeMemory.OF_PROCESS.within(heapBytes(), this::decode);
    }

    @Override
    public byte[] decode() throws BadImageException {
        byte[] rgb = new byte[(int) RasterImage.rgbBytes(size)];
        Pointer decoded = Functions.WebPDecodeRGBInto(
                file, new NativeLong(file.length), rgb, new NativeLong(rgb.length), size.width() * 3);
        if (decoded == null) {
            throw new BadImageException("damaged or truncated WebP");
        }
        return rgb;
    }
}
