/** Images: decoding, Pillow's arithmetic, augmentation, shards, and the loaders that feed the stages. */
@NullMarked
package dev.moco.training.data;

import org.jspecify.annotations.NullMarked;
