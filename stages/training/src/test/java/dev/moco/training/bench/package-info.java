/** Tests of {@code moco bench}: its figures' names and its arithmetic, never how fast a machine is. */
package dev.moco.training.bench;
