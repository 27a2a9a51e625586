@NullMarked
package dev.moco.training.detect.evaluate;

import org.jspecify.annotations.NullMarked;
