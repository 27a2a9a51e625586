/** Classification by nearest neighbors: a cheap look at features while they are trained. */
@NullMarked
package dev.moco.training.knn;

import org.jspecify.annotations.NullMarked;
