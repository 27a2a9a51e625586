@NullMarked
package dev.moco.training.progress;

import org.jspecify.annotations.NullMarked;
