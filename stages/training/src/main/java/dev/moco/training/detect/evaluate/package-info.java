/** Average precision of detections: VOC 2007's 11 points, the area under VOC's curve, and COCO's 101 points. */
@NullMarked
package dev.moco.training.detect.evaluate;

import org.jspecify.annotations.NullMarked;
