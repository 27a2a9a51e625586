/** The resource as the wire has it. */
@NullMarked
package dev.moco.operator.crd;

import org.jspecify.annotations.NullMarked;
