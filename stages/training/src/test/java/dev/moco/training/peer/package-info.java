/** Test support for comparisons with PyTorch in Python. */
@NullMarked
package dev.moco.training.peer;

import org.jspecify.annotations.NullMarked;
