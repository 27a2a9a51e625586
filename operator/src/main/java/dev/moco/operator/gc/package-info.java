/** Results that no experiment needs: found in a listing of a store, and deleted. */
@NullMarked
package dev.moco.operator.gc;

import org.jspecify.annotations.NullMarked;
