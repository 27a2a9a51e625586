/** The shipped manifests and images, compared with the code. */
@NullMarked
package dev.moco.operator.manifests;

import org.jspecify.annotations.NullMarked;
