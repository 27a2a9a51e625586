@NullMarked
package dev.moco.training.detect.model;

import org.jspecify.annotations.NullMarked;
