@NullMarked
package dev.moco.training.pretrain.supervised;

import org.jspecify.annotations.NullMarked;
