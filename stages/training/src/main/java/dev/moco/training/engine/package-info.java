/** The only use of DJL's PyTorch engine: native memory, TorchScript programs, threads. */
@NullMarked
package dev.moco.training.engine;

import org.jspecify.annotations.NullMarked;
