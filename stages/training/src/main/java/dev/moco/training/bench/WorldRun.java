package dev.moco.training.bench;

/**
 * A part that was measured on a number of devices.
 *
 * @param devices number of devices, one process each
 */
record WorldRun(WorldPart part, int devices, WorldOutcome outcome) {}
