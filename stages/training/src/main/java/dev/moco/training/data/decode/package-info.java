/** Encoded JPEG and PNG to 8-bit RGB, as Pillow's {@code convert("RGB")} gives it. */
@NullMarked
package dev.moco.training.data.decode;

import org.jspecify.annotations.NullMarked;
