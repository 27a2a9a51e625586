/** Tests of {@code moco bench}: names and arithmetic of the reports, but not the speed of a machine. */
package dev.moco.training.bench;
