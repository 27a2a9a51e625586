package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.TorchScript;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * TorchScript functions from Python files on the class path ({@link TorchSource}), compiled once; safe for many threads.
 *
 * <p>Within a call, arrays are freed as soon as nothing needs them. What a call returns belongs to the manager that it was
 * called with, and ends with it.
 */
public final class TorchProgram implements AutoCloseable {
    private static final Pattern LINE = Pattern.compile("__torch__\\.py\", line (\\d+)");

    private final AtomicLong module;

    private TorchProgram(long module) {
        this.module = new AtomicLong(module);
    }

    /**
     * Compiles files, and what they import.
     *
     * @param resources absolute names on the class path
     * @throws EngineException on a mistake in the text, naming file and line
     */
    public static TorchProgram compile(Device device, String... resources) {
        return compile(device, Map.of(), List.of(resources));
    }

    /**
     * Compiles files, and what they import, with other files in place of some.
     *
     * @param replacements names of files, by the names of those that they replace
     */
    public static TorchProgram compile(Device device, Map<String, String> replacements, List<String> resources) {
        TorchSource source = new TorchSource(replacements, resources);
        try {
            return new TorchProgram(TorchScript.load(archive(source.text()), device));
        } catch (EngineException e) {
            throw new EngineException(place(e, source) + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** File and line of a mistake, from its line in the joined source; empty if the message names none. */
    private static String place(EngineException mistake, TorchSource source) {
        return LINE.matcher(String.valueOf(mistake.getMessage()))
                .results()
                .findFirst()
                .flatMap(line -> source.place(Integer.parseInt(line.group(1))))
                .map(place -> place + ": ")
                .orElse("");
    }

    /** Calls a function without recording gradients; see {@link TorchScript#call} for the arguments. */
    public NDList call(NDManager manager, String function, Object... arguments) {
        return TorchScript.call(module.get(), (PtNDManager) manager, function, false, arguments);
    }

    /** Calls a function that takes gradients, or whose results gradients are taken of. */
    public NDList callWithGradients(NDManager manager, String function, Object... arguments) {
        return TorchScript.call(module.get(), (PtNDManager) manager, function, true, arguments);
    }

    /** Frees the program; a second call does nothing. */
    @Override
    public void close() {
        long loaded = module.getAndSet(0);
        if (loaded != 0) {
            TorchScript.unload(loaded);
        }
    }

    /** The archive that {@code torch.jit.save} would write for a module without parameters. */
    private static byte[] archive(String source) throws IOException {
        // Pickle, protocol 2: an object of __torch__.Program with {"training": True}.
        String object = "\u0080\u0002c__torch__\nProgram\n)\u0081}X\u0008\u0000\u0000\u0000training\u0088sb.";
        String noConstants = "\u0080\u0002).";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            store(zip, "program/data.pkl", object.getBytes(StandardCharsets.ISO_8859_1));
            store(zip, "program/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "program/constants.pkl", noConstants.getBytes(StandardCharsets.ISO_8859_1));
            store(zip, "program/version", "3\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
