/** Types shared by all programs of moco: experiments, stages, keys, manifests, progress. They do no input or output. */
@NullMarked
package dev.moco.contract;

import org.jspecify.annotations.NullMarked;
