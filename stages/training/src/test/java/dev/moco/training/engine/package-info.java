@NullMarked
package dev.moco.training.engine;

import org.jspecify.annotations.NullMarked;
