package dev.moco.training.weights.pickle;

import java.io.IOException;
import java.util.Set;

/** Names, calls and states that one kind of pickle may have, beyond numbers, text, lists and maps. */
public interface PickleRules {
    /** Highest protocol. */
    int protocol();

    /** Most bytes of a text; a longer one is refused before it is read. */
    int textLength();

    /** Names that may appear. */
    Set<Global> names();

    /**
     * The value of a call of one of the {@link #names}.
     *
     * @throws dev.moco.training.weights.input.RefusedException if the arguments are others than weights need
     */
    Object call(Global function, PickleTuple arguments) throws IOException;

    /** Sets the state of a value that a call made; false if it is not the state that weights need. */
    boolean build(Object target, Object state) throws IOException;

    /** The value of a persistent id. */
    Object persistent(Object id) throws IOException;
}
