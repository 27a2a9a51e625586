/** Tests of the formats of files of weights. */
@NullMarked
package dev.moco.training.weights.formats;

import org.jspecify.annotations.NullMarked;
