/** Commands of a person against a cluster: experiments, pods and logs are read and shown; nothing is written. */
@NullMarked
package dev.moco.operator.client;

import org.jspecify.annotations.NullMarked;
