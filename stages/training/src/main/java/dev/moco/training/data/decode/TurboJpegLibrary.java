package dev.moco.training.data.decode;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.List;

/** Bindings of the functions of libturbojpeg (libjpeg-turbo 1.4 and later) that decoding needs. */
final class TurboJpegLibrary {
    static final int PIXEL_FORMAT_RGB = 0;
    static final int PIXEL_FORMAT_CMYK = 11;

    /**
     * Names to try: the soname of most Linux distributions, then the linker's own search (macOS, development packages).
     */
    private static final List<String> NAMES = List.of("libturbojpeg.so.0", "turbojpeg");

    private TurboJpegLibrary() {}

    /** Binds the functions; returns whether the library was found. */
    static boolean load() {
        return NAMES.stream().anyMatch(TurboJpegLibrary::register);
    }

    private static boolean register(String name) {
        try {
            Native.register(TurboJpegLibrary.class, NativeLibrary.getInstance(name));
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    static native Pointer tjInitDecompress();

    static native int tjDecompress2(
            Pointer handle,
            ByteBuffer jpeg,
            NativeLong jpegSize,
            ByteBuffer pixels,
            int width,
            int pitch,
            int height,
            int pixelFormat,
            int flags);

    /** Message of the handle's last error; the library keeps the text in static storage. */
    static native String tjGetErrorStr2(Pointer handle);

    static native int tjDestroy(Pointer handle);
}
