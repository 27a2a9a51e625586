package dev.moco.contract.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The program of one of the project's container images, run from a built checkout instead of from the image. */
public interface ImageProgram {
    /**
     * Folders of one container.
     *
     * @param checkout the project's folder, built
     * @param cache shared by all containers of a node
     * @param temporary for the container's temporary files
     */
    record Folders(Path checkout, Path cache, Path temporary) {}

    /** Name of the image without registry, tag and digest, such as {@code moco-stages}. */
    String image();

    /** Command line of the image's entry point with a container's arguments. */
    List<String> command(Folders folders, List<String> arguments) throws IOException;

    /** Variables that the image sets. */
    Map<String, String> environment(Folders folders);
}
