package dev.moco.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every type of this module, nested ones too, has a name of its own, and none has an abandoned name. */
class NamesTest {
    private static final List<Path> SOURCES = List.of(Path.of("src/main/java"), Path.of("src/test/java"));

    private static final Set<String> GIVEN_UP = Set.of(
            "Claims",
            "Cluster",
            "Found",
            "JobCreation",
            "KeyMark",
            "Look",
            "PodEnd",
            "Previous",
            "Scene",
            "Seen",
            "Sight",
            "Sightings",
            "SlowLooks",
            "StageJob",
            "StageJobs",
            "Stops",
            "StoreLooks",
            "StoreWatch",
            "Told",
            "Turn",
            "Wanted",
            "Watched");

    /** Files by the simple names of the types that they declare. */
    private static final Map<String, List<String>> DECLARATIONS = new TreeMap<>();

    @BeforeAll
    static void listDeclarations() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path folder : SOURCES) {
            try (Stream<Path> below = Files.walk(folder)) {
                below.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask parser = (JavacTask)
                    compiler.getTask(null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
            for (CompilationUnitTree file : parser.parse()) {
                file.accept(new Declarations(Path.of(file.getSourceFile().toUri())), null);
            }
        }
    }

    @Test
    void noNameIsDeclaredTwice() {
        assertThat(DECLARATIONS.entrySet().stream()
                        .filter(type -> type.getValue().size() > 1)
                        .toList())
                .isEmpty();
    }

    @Test
    void noTypeHasAnAbandonedName() {
        assertThat(DECLARATIONS.entrySet().stream()
                        .filter(type -> GIVEN_UP.contains(type.getKey()))
                        .toList())
                .isEmpty();
    }

    private static final class Declarations extends TreeScanner<Void, Void> {
        private final String file;

        Declarations(Path file) {
            this.file = Path.of("").toAbsolutePath().relativize(file).toString();
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            String name = type.getSimpleName().toString();
            if (!name.isEmpty()) {
                DECLARATIONS.computeIfAbsent(name, key -> new ArrayList<>()).add(file);
            }
            return super.visitClass(type, null);
        }
    }
}
