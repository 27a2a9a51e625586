package dev.moco.localcluster;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Output of one run of a container.
 *
 * @param open true if the container still runs
 */
record ContainerLog(Path file, BooleanSupplier open) {}
