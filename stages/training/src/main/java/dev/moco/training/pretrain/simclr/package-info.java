/** SimCLR: two views of each image through one encoder, batch norm over the whole batch, and LARS. */
@NullMarked
package dev.moco.training.pretrain.simclr;

import org.jspecify.annotations.NullMarked;
