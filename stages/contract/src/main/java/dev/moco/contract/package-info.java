/** What every program of moco agrees on: experiments, stages, keys, manifests, progress. No input or output here. */
@NullMarked
package dev.moco.contract;

import org.jspecify.annotations.NullMarked;
