/** Small pictures of images, for the report. */
@NullMarked
package dev.moco.training.data.thumbnail;

import org.jspecify.annotations.NullMarked;
