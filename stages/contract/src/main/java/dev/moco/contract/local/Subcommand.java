package dev.moco.contract.local;

/**
 * A command that a module on the class path adds to {@code moco}. Picocli reads its name, options and methods from the
 * class's annotations.
 */
public interface Subcommand {}
