@NullMarked
package dev.moco.training.knn;

import org.jspecify.annotations.NullMarked;
