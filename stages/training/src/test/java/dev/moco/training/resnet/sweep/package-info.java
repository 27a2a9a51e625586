@NullMarked
package dev.moco.training.resnet.sweep;

import org.jspecify.annotations.NullMarked;
