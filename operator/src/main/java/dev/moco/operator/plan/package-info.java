/** Which stages an experiment needs, which are done, and what to start now: pure functions of what was observed. */
@NullMarked
package dev.moco.operator.plan;

import org.jspecify.annotations.NullMarked;
