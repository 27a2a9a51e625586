/** Decoding of images to 8-bit RGB, with the pixels of Pillow's {@code convert("RGB")}. */
@NullMarked
package dev.moco.training.data.decode;

import org.jspecify.annotations.NullMarked;
