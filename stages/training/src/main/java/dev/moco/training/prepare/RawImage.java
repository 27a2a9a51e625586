package dev.moco.training.prepare;

import org.jspecify.annotations.Nullable;

/**
 * An image of the source, not yet read.
 *
 * @param id name in messages and in the index
 * @param image its bytes
 * @param label class index; -1 in detection sets
 * @param annotation its VOC annotation; null in classification sets
 */
record RawImage(
        String id, Extent image, int label, @Nullable Extent annotation) {}
