/** Pillow's image arithmetic, bit for bit (docs/method.md §1.8 to §1.10). */
@NullMarked
package dev.moco.training.data.pillow;

import org.jspecify.annotations.NullMarked;
