package dev.moco.training;

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
import org.junit.jupiter.api.TestInstance;

/** Names of the types that this module's sources and tests declare, nested and local ones included. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NamesTest {
    private static final Set<String> OLD_NAMES =
            Set.of("Groundwork", "Course", "Figures", "FigureSums", "Frozen", "Suppression", "Layout");

    /** Source files by the simple names of the types that they declare. */
    private final Map<String, List<String>> declarations = new TreeMap<>();

    @BeforeAll
    void listDeclarations() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources()));
            for (CompilationUnitTree unit : task.parse()) {
                new Declarations(Path.of(unit.getSourceFile().toUri()).getFileName()).scan(unit, null);
            }
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String root : List.of("src/main/java", "src/test/java")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    private final class Declarations extends TreeScanner<Void, Void> {
        private final Path file;

        Declarations(Path file) {
            this.file = file;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            String name = type.getSimpleName().toString();
            if (!name.isEmpty()) { // an anonymous class has no name
                declarations
                        .computeIfAbsent(name, declared -> new ArrayList<>())
                        .add(file.toString());
            }
            return super.visitClass(type, null);
        }
    }

    @Test
    void allDeclarationsAreRead() {
        assertThat(declarations).containsKeys("NamesTest", "Declarations", "StageMain");
    }

    @Test
    void noNameIsDeclaredTwice() {
        Map<String, List<String>> repeated = new TreeMap<>(declarations);
        repeated.values().removeIf(files -> files.size() == 1);

        assertThat(repeated).isEmpty();
    }

    @Test
    void noTypeHasAnOldName() {
        Map<String, List<String>> old = new TreeMap<>(declarations);
        old.keySet().retainAll(OLD_NAMES);

        assertThat(old).isEmpty();
    }
}
