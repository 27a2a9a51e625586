@NullMarked
package dev.moco.training.pretrain.endtoend;

import org.jspecify.annotations.NullMarked;
