/** The prepare stage: reads raw ImageNet and VOC data sets, checks them, and writes shards. */
@NullMarked
package dev.moco.training.prepare;

import org.jspecify.annotations.NullMarked;
