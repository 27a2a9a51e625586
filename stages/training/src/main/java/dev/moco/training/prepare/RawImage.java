package dev.moco.training.prepare;

import org.jspecify.annotations.Nullable;

/**
 * Location and labels of an image of the source.
 *
 * @param id name of the image in messages and in the index
 * @param image location of its bytes
 * @param label class index; -1 in detection sets and without classes
 * @param annotation location of its VOC annotation; null in classification sets
 */
record RawImage(
        String id, Extent image, int label, @Nullable Extent annotation) {}
