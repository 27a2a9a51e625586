/** The custom resource on the wire: spec, status, defaults and bounds, each declared once. */
@NullMarked
package dev.moco.operator.api;

import org.jspecify.annotations.NullMarked;
