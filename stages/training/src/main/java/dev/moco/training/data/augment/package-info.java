/** Views of images: what is drawn at random, apart from how it is applied. */
@NullMarked
package dev.moco.training.data.augment;

import org.jspecify.annotations.NullMarked;
