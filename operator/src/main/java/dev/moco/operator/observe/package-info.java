/** Looks at what stages committed, the same for every driver. */
@NullMarked
package dev.moco.operator.observe;

import org.jspecify.annotations.NullMarked;
