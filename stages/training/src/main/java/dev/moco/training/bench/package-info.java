/** {@code moco bench}: what this machine makes of the production classes, before a long run is started on it. */
@NullMarked
package dev.moco.training.bench;

import org.jspecify.annotations.NullMarked;
