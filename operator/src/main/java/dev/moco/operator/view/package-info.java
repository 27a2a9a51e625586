/** A person's view of a cluster: experiments, pods and logs are read and shown, nothing is written. */
@NullMarked
package dev.moco.operator.view;

import org.jspecify.annotations.NullMarked;
