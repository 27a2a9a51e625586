/** A Kubernetes on this machine: a real control plane, and a node that runs pods as processes. */
@NullMarked
package dev.moco.operator.cluster;

import org.jspecify.annotations.NullMarked;
