/** An encoder whose batch norms have the statistics of the whole batch, over chunks and processes, layer by layer. */
@NullMarked
package dev.moco.training.resnet.sweep;

import org.jspecify.annotations.NullMarked;
