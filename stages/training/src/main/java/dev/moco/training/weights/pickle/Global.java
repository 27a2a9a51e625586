package dev.moco.training.weights.pickle;

/** A module and a name of a pickle: a pair of texts that is compared with others, never looked up. */
public record Global(String module, String name) {
    /** Python's {@code OrderedDict}, which every state dict is. */
    public static final Global ORDERED_DICT = new Global("collections", "OrderedDict");

    /** The pair as in Python 3, in which the module of built-in functions has another name. */
    static Global of(String module, String name) {
        return new Global(module.equals("__builtin__") ? "builtins" : module, name);
    }

    @Override
    public String toString() {
        return module + "." + name;
    }
}
