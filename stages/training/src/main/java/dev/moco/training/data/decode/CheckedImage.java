package dev.moco.training.data.decode;

import org.jspecify.annotations.Nullable;

/**
 * An image that can be decoded.
 *
 * @param size columns and rows as stored
 * @param uprightSize columns and rows once its EXIF orientation is applied
 * @param warning the first warning of libjpeg, after which the image may be partly gray; null for none
 */
public record CheckedImage(
        ImageSize size, ImageSize uprightSize, @Nullable String warning) {
    static CheckedImage of(ImageSize size, int orientation, @Nullable String warning) {
        ImageSize upright = Orientation.transposes(orientation) ? size.transposed() : size;
        return new CheckedImage(size, upright, warning);
    }
}
