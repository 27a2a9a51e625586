@NullMarked
package dev.moco.training.detect.input;

import org.jspecify.annotations.NullMarked;
