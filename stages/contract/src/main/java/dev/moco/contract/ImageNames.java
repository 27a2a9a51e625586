package dev.moco.contract;

import java.util.List;
import java.util.Locale;

/** Names of files that are images: those of torchvision's {@code ImageFolder}, in any case. */
public final class ImageNames {
    private static final List<String> EXTENSIONS =
            List.of("jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp");

    /** The extensions, for messages. */
    public static final String LIST = "." + String.join(", .", EXTENSIONS);

    private ImageNames() {}

    /** Returns whether a path names an image. Archives made on macOS contain a {@code ._} file for each file. */
    public static boolean isImage(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        return !file.startsWith(".")
                && EXTENSIONS.contains(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }
}
