/** Faster R-CNN C4 fine-tuning from pre-trained weights, and its evaluation (RECIPE §3). */
@NullMarked
package dev.moco.training.detect;

import org.jspecify.annotations.NullMarked;
