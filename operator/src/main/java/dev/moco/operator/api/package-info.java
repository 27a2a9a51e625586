/** The custom resource on the wire: spec, status, defaults and bounds. */
@NullMarked
package dev.moco.operator.api;

import org.jspecify.annotations.NullMarked;
