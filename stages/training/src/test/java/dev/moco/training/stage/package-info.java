@NullMarked
package dev.moco.training.stage;

import org.jspecify.annotations.NullMarked;
