/** Training and test images of the detector: their order, sizes, batches, and ground-truth boxes. */
@NullMarked
package dev.moco.training.detect.input;

import org.jspecify.annotations.NullMarked;
