@NullMarked
package dev.moco.training.resnet;

import org.jspecify.annotations.NullMarked;
