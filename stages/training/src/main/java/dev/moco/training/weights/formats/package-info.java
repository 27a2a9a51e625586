/** Formats of files of weights: PyTorch's zip, pickle and tar, detectron2's pickle, NumPy's npz. */
@NullMarked
package dev.moco.training.weights.formats;

import org.jspecify.annotations.NullMarked;
