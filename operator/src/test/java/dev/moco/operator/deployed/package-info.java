/** The operator as its manifests deploy it, on a cluster of its own. */
@org.jspecify.annotations.NullMarked
package dev.moco.operator.deployed;
