/** {@code moco bench}: measures the code of the stages on a machine, before a long run is started on it. */
@NullMarked
package dev.moco.training.bench;

import org.jspecify.annotations.NullMarked;
