@NullMarked
package dev.moco.training.collectives;

import org.jspecify.annotations.NullMarked;
