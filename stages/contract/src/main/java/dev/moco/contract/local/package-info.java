/**
 * Agreed between the command line and the local cluster, of which neither depends on the other: each finds the other's
 * classes by {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.moco.contract.local;

import org.jspecify.annotations.NullMarked;
