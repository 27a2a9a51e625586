/** What is shipped to install and watch the operator, held against the code. */
@NullMarked
package dev.moco.operator.manifests;

import org.jspecify.annotations.NullMarked;
