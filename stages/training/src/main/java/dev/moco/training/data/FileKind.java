package dev.moco.training.data;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Kinds of files that people have in the place of another, recognized by their first bytes. */
public final class FileKind {
    /** Bytes of a file that are enough to recognize it. */
    public static final int BYTES = 512;

    private record Signature(String name, int offset, String first) {}

    private static final List<Signature> KINDS = List.of(
            new Signature("a JPEG image", 0, "\u00ff\u00d8\u00ff"),
            new Signature("a PNG image", 0, "\u0089PNG\r\n\u001a\n"),
            new Signature("a GIF image", 0, "GIF8"),
            new Signature("a WebP image", 8, "WEBP"),
            new Signature("a BMP image", 0, "BM"),
            new Signature("a TIFF image", 0, "II*\0"),
            new Signature("a TIFF image", 0, "MM\0*"),
            new Signature("an AVIF or HEIF image", 4, "ftyp"),
            new Signature("a JPEG XL image", 0, "\u00ff\n"),
            new Signature("a PGM image", 0, "P5"),
            new Signature("a PPM image", 0, "P6"),
            new Signature("a PDF document", 0, "%PDF"),
            new Signature("gzip compressed", 0, "\u001f\u008b"),
            new Signature("bzip2 compressed", 0, "BZh"),
            new Signature("xz compressed", 0, "\u00fd7zXZ"),
            new Signature("Zstandard compressed", 0, "(\u00b5/\u00fd"),
            new Signature("a ZIP archive", 0, "PK\u0003\u0004"),
            new Signature("a tar archive", 257, "ustar"),
            new Signature("a pointer of Git LFS, not the file", 0, "version https://git-lfs"));

    private FileKind() {}

    /** Says what a file is, such as {@code gzip compressed}, or which bytes it starts with. */
    public static String of(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, BYTES), StandardCharsets.ISO_8859_1);
        if (start.isEmpty()) {
            return "an empty file";
        }
        for (Signature kind : KINDS) {
            if (start.startsWith(kind.first(), kind.offset())) {
                return kind.name();
            }
        }
        String text = start.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head")) {
            return "an HTML page, such as that of a login";
        }
        if (text.startsWith("<?xml") || text.startsWith("{")) {
            String line = text.lines().findFirst().orElse("");
            return "a text that starts with " + line.substring(0, Math.min(line.length(), 40));
        }
        return "a file that starts with bytes "
                + HexFormat.ofDelimiter(" ").formatHex(file, 0, Math.min(file.length, 4));
    }
}
