/** Views of pre-training as arrays on a device, made by the loader or by the device. */
@NullMarked
package dev.moco.training.data.device;

import org.jspecify.annotations.NullMarked;
