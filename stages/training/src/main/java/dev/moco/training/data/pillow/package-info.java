/** Pillow's image arithmetic, bit for bit (RECIPE §1.8 to §1.10). */
@NullMarked
package dev.moco.training.data.pillow;

import org.jspecify.annotations.NullMarked;
