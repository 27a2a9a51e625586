package dev.moco.localcluster;

import dev.moco.contract.local.ImageProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Container images that a node runs as programs of a checkout; other modules register them. */
final class Images {
    private final Path home;
    private final Path cache;
    private final Map<String, ImageProgram> programs = new TreeMap<>();

    /**
     * The images that are registered.
     *
     * @param home the checkout, built
     * @param cache folder that all containers of the node share
     */
    Images(Path home, Path cache) {
        this(home, cache, ServiceLoader.load(ImageProgram.class));
    }

    Images(Path home, Path cache, Iterable<ImageProgram> programs) {
        this.home = home;
        this.cache = cache;
        programs.forEach(program -> this.programs.put(program.image(), program));
    }

    /**
     * A container's program.
     *
     * @param environment variables that the image sets
     */
    record Program(List<String> command, Map<String, String> environment) {}

    /**
     * The program that a container runs.
     *
     * @param command the container's own; empty for the image's
     * @param temporary the container's folder for temporary files; null for the machine's
     * @throws ContainerNotStartable if the container has no command and the image is not registered
     */
    Program program(String image, List<String> command, List<String> arguments, @Nullable Path temporary)
            throws IOException, ContainerNotStartable {
        ImageProgram.Folders folders = new ImageProgram.Folders(
                home, cache, temporary == null ? Path.of(System.getProperty("java.io.tmpdir")) : temporary);
        Optional<ImageProgram> known = Optional.ofNullable(programs.get(name(image)));
        Map<String, String> environment =
                known.map(program -> program.environment(folders)).orElse(Map.of());
        if (!command.isEmpty()) {
            List<String> all = new ArrayList<>(command);
            all.addAll(arguments);
            return new Program(all, environment);
        }
        if (known.isEmpty()) {
            throw new ContainerNotStartable(
                    "ErrImagePull",
                    "image \"" + image + "\" is not available on a process node, and the container has no command;"
                            + " images are: " + String.join(", ", programs.keySet()));
        }
        return new Program(known.get().command(folders, arguments), environment);
    }

    /** An image's last name, without tag or digest. */
    static String name(String image) {
        String last = image.substring(image.lastIndexOf('/') + 1);
        return last.split("[:@]", 2)[0];
    }
}
