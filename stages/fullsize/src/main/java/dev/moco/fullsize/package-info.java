/** An S3 server for tests and benchmarks with data sets of the real size, which are computed when they are read. */
@NullMarked
package dev.moco.fullsize;

import org.jspecify.annotations.NullMarked;
