/** A Kubernetes on this machine: a real control plane, and a node that runs pods as processes. */
@NullMarked
package dev.moco.localcluster;

import org.jspecify.annotations.NullMarked;
