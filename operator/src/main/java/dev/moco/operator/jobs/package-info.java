/** Builds Jobs and pods from planned tasks; pure functions that call no server. */
@NullMarked
package dev.moco.operator.jobs;

import org.jspecify.annotations.NullMarked;
