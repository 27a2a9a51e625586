/** Prepared data sets: tar shards that any tool reads, and the index that makes every sample addressable. */
@NullMarked
package dev.moco.training.data.shards;

import org.jspecify.annotations.NullMarked;
