/** A reader of pickles that constructs numbers, text, lists and maps, and looks up nothing that a file names. */
@NullMarked
package dev.moco.training.weights.pickle;

import org.jspecify.annotations.NullMarked;
