/** Encoders: torchvision's ResNets and a projection head, their parameters in flat buffers. */
@NullMarked
package dev.moco.training.resnet;

import org.jspecify.annotations.NullMarked;
