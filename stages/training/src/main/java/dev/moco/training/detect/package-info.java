/** The detection stage: fine-tunes Faster R-CNN C4 from pre-trained weights and evaluates it (docs/method.md §3). */
@NullMarked
package dev.moco.training.detect;

import org.jspecify.annotations.NullMarked;
