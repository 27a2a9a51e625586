/** Average precision of detections: VOC 2007's eleven points, VOC's area, and COCO's hundred and one points. */
@NullMarked
package dev.moco.training.detect.evaluate;

import org.jspecify.annotations.NullMarked;
