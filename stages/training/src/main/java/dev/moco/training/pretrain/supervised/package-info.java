/** Supervised training of a whole network, the row that pre-training is compared with. */
@NullMarked
package dev.moco.training.pretrain.supervised;

import org.jspecify.annotations.NullMarked;
