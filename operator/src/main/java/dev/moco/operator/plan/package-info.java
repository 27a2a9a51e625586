/** Plans an experiment: its tasks, their keys, and which may start; pure functions of what was observed. */
@NullMarked
package dev.moco.operator.plan;

import org.jspecify.annotations.NullMarked;
