/** Plans an experiment: its tasks, their keys and their states; pure functions of observations. */
@NullMarked
package dev.moco.operator.plan;

import org.jspecify.annotations.NullMarked;
