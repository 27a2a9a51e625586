/** Views of pre-training as arrays of a device, which may make them itself. */
@NullMarked
package dev.moco.training.data.device;

import org.jspecify.annotations.NullMarked;
