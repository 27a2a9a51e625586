package dev.moco.fullsize;

import java.nio.file.Path;

/**
 * A received object, or a part of one, in which the images of a tar are replaced by numbers.
 *
 * @param size size in bytes
 * @param images places and numbers of the images
 * @param rest file with all other bytes, deflated; without {@code tail}
 * @param tail beginning of an image that the next part ends
 * @param tailSize size of that whole image
 * @param etag digits that differ for other bytes
 */
record Part(long size, PlacedImages images, Path rest, Content.InMemory tail, int tailSize, String etag) {}
