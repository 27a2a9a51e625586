/** Tests of the exchange of encoders with other programs. */
@NullMarked
package dev.moco.training.weights.exchange;

import org.jspecify.annotations.NullMarked;
