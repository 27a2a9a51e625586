/** HTTP client of the Kubernetes API, whose watches end when their server is silent. */
@NullMarked
package dev.moco.operator.http;

import org.jspecify.annotations.NullMarked;
