/** Box arithmetic without a network: anchors, deltas, matching, sampling, NMS, and the targets of the losses. */
@NullMarked
package dev.moco.training.detect.boxes;

import org.jspecify.annotations.NullMarked;
