package dev.moco.training.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Settings of libtorch for the whole process, {@code at::Context}, once it is loaded. Neither its operators nor DJL have them,
 * so its C++ functions are called by the names that its compiler gave them.
 */
final class LibtorchContext {
    private static final String LIBRARY = "/libtorch_cpu.so";
    private static final String GLOBAL = "_ZN2at13globalContextEv";

    private LibtorchContext() {}

    /**
     * Calls a member function that takes bools and returns nothing.
     *
     * @throws StageFailure bad configuration, if this libtorch has no such function
     */
    static void set(String function, boolean... values) {
        Object[] arguments = new Object[1 + values.length];
        arguments[0] = context();
        for (int i = 0; i < values.length; i++) {
            arguments[1 + i] = values[i] ? 1 : 0; // a bool of C++ must be 0 or 1; JNA's true is -1
        }
        function(function).invokeVoid(arguments);
    }

    /** Calls a member function that returns a bool. */
    static boolean is(String function) {
        return (function(function).invokeInt(new Object[] {context()}) & 0xff) != 0;
    }

    private static Object context() {
        return function(GLOBAL).invokePointer(new Object[0]);
    }

    private static Function function(String name) {
        try {
            return NativeLibrary.getInstance(loaded()).getFunction(name);
        } catch (UnsatisfiedLinkError e) {
            throw StageFailure.badConfig("this libtorch has no function " + name + "; 2.7.1 has it", e);
        } catch (IOException e) {
            throw StageFailure.fault("cannot find libtorch in this process: " + e.getMessage(), e);
        }
    }

    /** The file that this process has loaded; opening it again gives the same library. */
    private static String loaded() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith(LIBRARY))
                .map(line -> line.substring(line.indexOf('/')))
                .findFirst()
                .orElseThrow(() -> new IOException("no " + LIBRARY.substring(1) + " in /proc/self/maps"));
    }
}
