/** Makes an experiment for a folder of images: what is there, which sizes fit, and the file's text; no other I/O. */
@NullMarked
package dev.moco.operator.init;

import org.jspecify.annotations.NullMarked;
