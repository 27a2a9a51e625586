/** Faster R-CNN C4 fine-tuning from pre-trained weights, and its evaluation (docs/method.md §3). */
@NullMarked
package dev.moco.training.detect;

import org.jspecify.annotations.NullMarked;
