/** Prometheus metrics of the operator and its experiments. */
@NullMarked
package dev.moco.operator.metrics;

import org.jspecify.annotations.NullMarked;
