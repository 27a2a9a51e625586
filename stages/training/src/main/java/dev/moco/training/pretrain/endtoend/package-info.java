/** End-to-end pre-training, the mechanism that MoCo is compared with: the batch is the dictionary. */
@NullMarked
package dev.moco.training.pretrain.endtoend;

import org.jspecify.annotations.NullMarked;
