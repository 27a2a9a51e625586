@NullMarked
package dev.moco.training.detect;

import org.jspecify.annotations.NullMarked;
