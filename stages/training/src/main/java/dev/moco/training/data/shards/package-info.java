/** Prepared data sets: shards in tar format, and an index by which each sample can be read on its own. */
@NullMarked
package dev.moco.training.data.shards;

import org.jspecify.annotations.NullMarked;
