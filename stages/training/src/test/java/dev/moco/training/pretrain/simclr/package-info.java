@NullMarked
package dev.moco.training.pretrain.simclr;

import org.jspecify.annotations.NullMarked;
