/** What the tests against PyTorch's Python share. */
@NullMarked
package dev.moco.training.peer;

import org.jspecify.annotations.NullMarked;
