/** The project's manifests and operator with the programs of other projects; run by the profile {@code neighbors}. */
@org.jspecify.annotations.NullMarked
package dev.moco.operator.neighbors;
