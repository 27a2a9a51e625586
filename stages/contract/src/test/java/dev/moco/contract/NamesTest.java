package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Names of the types and methods that the Java sources and tests of all modules declare, nested and local ones included.
 * TorchScriptRulesTest lists the functions of TorchScript.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NamesTest {
    private static final Set<String> OLD_TYPES = Set.of(
            "Claims",
            "Cluster",
            "Course",
            "FigureSums",
            "Figures",
            "Found",
            "Frozen",
            "Groundwork",
            "JobCreation",
            "KeyMark",
            "Layout",
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
            "Suppression",
            "Told",
            "Turn",
            "Wanted",
            "Watched");

    private static final Set<String> OLD_METHODS = Set.of(
            "descend", "follow", "judged", "keep", "last", "moves", "proposed", "shifts", "slopes", "spare", "take");

    /** Java files. */
    private final Set<String> files = new HashSet<>();

    /** Files by the module and the simple name of each type that they declare, such as {@code operator Plan}. */
    private final Map<String, List<String>> types = new TreeMap<>();

    /** Files by the name of each method that they declare; a record's accessor is not declared. */
    private final Map<String, List<String>> methods = new TreeMap<>();

    @BeforeAll
    void listDeclarations() throws IOException {
        List<Path> sources = Checkout.files().stream()
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask parser = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(sources));
            for (CompilationUnitTree unit : parser.parse()) {
                Path file = Path.of(unit.getSourceFile().toUri());
                files.add(Checkout.name(file));
                new Declarations(module(file), Checkout.name(file)).scan(unit, null);
            }
        }
    }

    /** Folder of the pom that builds a file. */
    private static String module(Path file) {
        for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("pom.xml"))) {
                return Checkout.name(folder);
            }
        }
        throw new IllegalStateException("No pom.xml above " + file);
    }

    private final class Declarations extends TreeScanner<Void, Void> {
        private final String module;
        private final String file;

        Declarations(String module, String file) {
            this.module = module;
            this.file = file;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            String name = type.getSimpleName().toString();
            if (!name.isEmpty()) { // an anonymous class has no name
                types.computeIfAbsent(module + " " + name, first -> new ArrayList<>())
                        .add(file);
            }
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            methods.computeIfAbsent(method.getName().toString(), first -> new ArrayList<>())
                    .add(file);
            return super.visitMethod(method, null);
        }
    }

    @Test
    void allDeclarationsAreRead() {
        assertThat(types)
                .containsKeys(
                        "operator Plan",
                        "operator/localcluster LocalCluster",
                        "stages/artifacts ArtifactStore",
                        "stages/contract Declarations",
                        "stages/training StageMain");
        assertThat(methods).containsKeys("visitMethod", "decide", "allDeclarationsAreRead", "<init>");
        Set<String> undeclared = new HashSet<>(files);
        types.values().forEach(undeclared::removeAll);
        assertThat(undeclared).isNotEmpty().allMatch(file -> file.endsWith("/package-info.java"));
    }

    @Test
    void noModuleDeclaresATypeTwice() {
        Map<String, List<String>> repeated = new TreeMap<>(types);
        repeated.values().removeIf(declaring -> declaring.size() == 1);

        assertThat(repeated).isEmpty();
    }

    @Test
    void noTypeHasAnOldName() {
        Map<String, List<String>> old = new TreeMap<>(types);
        old.keySet().removeIf(type -> !OLD_TYPES.contains(type.substring(type.indexOf(' ') + 1)));

        assertThat(old).isEmpty();
    }

    @Test
    void noMethodHasAnOldName() {
        Map<String, List<String>> old = new TreeMap<>(methods);
        old.keySet().retainAll(OLD_METHODS);

        assertThat(old).isEmpty();
    }
}
