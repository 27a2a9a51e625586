@NullMarked
package dev.moco.training.pretrain;

import org.jspecify.annotations.NullMarked;
