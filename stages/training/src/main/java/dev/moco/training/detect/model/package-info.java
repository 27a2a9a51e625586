/** The detector: its parameters, its TorchScript program, one training iteration, and the detections of one image. */
@NullMarked
package dev.moco.training.detect.model;

import org.jspecify.annotations.NullMarked;
