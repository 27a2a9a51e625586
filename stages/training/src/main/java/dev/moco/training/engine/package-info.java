/** DJL's PyTorch engine, kept behind one door: native memory, TorchScript programs, threads. */
@NullMarked
package dev.moco.training.engine;

import org.jspecify.annotations.NullMarked;
