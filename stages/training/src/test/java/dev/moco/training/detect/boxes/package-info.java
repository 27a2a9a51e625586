@NullMarked
package dev.moco.training.detect.boxes;

import org.jspecify.annotations.NullMarked;
