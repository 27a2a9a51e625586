/** Classification by nearest neighbors: a cheap measure of features while they are trained. */
@NullMarked
package dev.moco.training.knn;

import org.jspecify.annotations.NullMarked;
