/** Boxes and what is made of them without a network: anchors, box deltas, matching, sampling, non-maximum suppression, and the targets of the losses. */
@NullMarked
package dev.moco.training.detect.boxes;

import org.jspecify.annotations.NullMarked;
