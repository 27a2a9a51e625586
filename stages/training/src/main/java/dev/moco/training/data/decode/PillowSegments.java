package dev.moco.training.data.decode;

import static dev.moco.training.data.decode.JpegHeader.startsWith;
import static dev.moco.training.data.decode.JpegMarkers.unsignedShort;

import java.nio.ByteBuffer;

/** Application segments of a JPEG that Pillow cannot parse; it then refuses the image, though libjpeg would decode it. */
final class PillowSegments {
    private static final int RESOLUTION = 0x03ed;

    private PillowSegments() {}

    static void require(byte[] bytes, int marker, int from, int to) throws BadImageException {
        boolean parsed = switch (marker) {
            case JpegMarkers.APP0 -> !startsWith(bytes, from, to, "JFIF") || to - from >= 7;
            case JpegMarkers.APP2 -> !startsWith(bytes, from, to, "ICC_PROFILE\0") || to - from >= 14;
            case JpegMarkers.APP13 ->
                !startsWith(bytes, from, to, "Photoshop 3.0\0") || photoshop(bytes, from + 14, to);
            case JpegMarkers.APP14 -> !startsWith(bytes, from, to, "Adobe") || to - from >= 7;
            default -> true;
        };
        if (!parsed) {
            throw new BadImageException("damaged JPEG: application segment %02x is too short".formatted(marker));
        }
    }

    /** Image resources: "8BIM", code, name, size, content. Pillow only fails where the name's length is missing. */
    private static boolean photoshop(byte[] bytes, int from, int to) {
        long at = from;
        while (at + 6 <= to && startsWith(bytes, (int) at, to, "8BIM")) {
            int name = (int) at + 6;
            if (name >= to) {
                return false;
            }
            long size = name + 1L + (bytes[name] & 0xff);
            size += (size - from + 14) & 1;
            if (size + 4 > to) {
                return true;
            }
            long content = ByteBuffer.wrap(bytes).getInt((int) size) & 0xffffffffL;
            if (unsignedShort(bytes, (int) at + 4) == RESOLUTION && Math.min(content, to - size - 4) < 14) {
                return true;
            }
            at = size + 4 + content;
            at += (at - from + 14) & 1;
        }
        return true;
    }
}
