/** The prepare stage: raw ImageNet and VOC layouts, checked and written as shards. */
@NullMarked
package dev.moco.training.prepare;

import org.jspecify.annotations.NullMarked;
