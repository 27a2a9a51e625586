package dev.moco.operator.local;

import dev.moco.contract.StageFailure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Place of the programs: an unpacked release, or a checkout, whose {@code target} folder has the same {@code lib}. Class
 * paths are relative in it, so that both can be moved and copied.
 *
 * @param home folder of the launcher {@code moco}
 */
public record Installation(Path home) {
    /** Folder of all jars. */
    public Path lib() {
        Path checkout = home.resolve("pom.xml");
        return Files.exists(checkout) ? home.resolve("target/lib") : home.resolve("lib");
    }

    /**
     * Class path of a program.
     *
     * @param program such as {@code moco-training}
     * @throws StageFailure bad configuration, if the program is not there
     */
    public String classPath(String program) throws IOException {
        Path list = lib().resolve(program + ".classpath");
        if (!Files.exists(list)) {
            throw StageFailure.badConfig("no program " + program + " in " + lib()
                    + "; the launcher moco builds it in a checkout, and a release has it");
        }
        Stream<Path> dependencies =
                Stream.of(Files.readString(list).strip().split(":", -1)).map(jar -> lib().resolveSibling(jar));
        return Stream.concat(Stream.of(lib().resolve(program + ".jar")), dependencies)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
