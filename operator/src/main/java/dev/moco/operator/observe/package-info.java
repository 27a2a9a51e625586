/** Derives attempts from Jobs, pods and the last written status; pure functions of the contents of informers. */
@NullMarked
package dev.moco.operator.observe;

import org.jspecify.annotations.NullMarked;
