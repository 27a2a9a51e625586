package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Language of the repository's text files: American spelling, and sentences that begin with a noun or a verb. */
class WordsTest {
    private static final Pattern BRITISH = Pattern.compile(
            "(?:behavi|col|fav|flav|hon|neighb|lab|harb|rum)our"
                    + "|centre|fibre|theatre|(?:milli|centi|kilo)metre|litre"
                    + "|(?:authori|capitali|categori|characteri|customi|finali|generali|initiali|locali|maximi|memori"
                    + "|minimi|normali|optimi|organi|paralleli|penali|prioriti|quanti|randomi|reali|recogni|seriali"
                    + "|speciali|stabili|standardi|summari|synchroni|utili|vectori|visuali)s(?!m|t)"
                    + "|analyse(?!s)|analysing|practise"
                    + "|(?:cance|channe|funne|labe|leve|marsha|mode|signa|tota|trave|tunne)ll(?:ed|ing|er)"
                    + "|licence|defence|offence|artefact|grey|programme\\b|judgement|manoeuvr|sceptic|fulfil\\b"
                    + "|learnt|misspelt|\\bspelt|burnt|whilst|amongst",
            Pattern.CASE_INSENSITIVE);

    /** Identifiers of libraries, and the old name of a spec field, which is refused with its new name. */
    private static final Set<String> ALLOWED = Set.of("isCancelled", "CANCELLED", "neighbours");

    private static final Pattern RELATIVE_CLAUSE = Pattern.compile("(?:/\\*\\*|\"\"\")[\\s*]*"
            + "((?:What|Whatever|Whether|Where|Wherever|Whose|Which|How|Who|Whoever|When|Why)\\b[^\\n]*)");

    private static final Pattern LEFT_OUT = Pattern.compile("\\b[Ll]eft out, [^\\n]*");

    private static final List<String> SUFFIXES = List.of(
            ".css",
            ".go",
            ".html",
            ".java",
            ".js",
            ".md",
            ".properties",
            ".py",
            ".sh",
            ".txt",
            ".xml",
            ".yaml",
            ".yml");
    private static final Set<String> NAMES = Set.of("Dockerfile", "compare", "moco", "kubectl-moco", "run");
    private static final Set<String> HIDDEN = Set.of(".ci", ".mvn", ".github");

    /** Path prefixes that are not checked: data of others, and this list of words. */
    private static final List<String> EXCLUDED = List.of(
            "LICENSE", "pipelines/quickstart/data/", "stages/contract/src/test/java/dev/moco/contract/WordsTest.java");

    private static final Path ROOT = root();

    @Test
    void spellingIsAmerican() throws IOException {
        assertThat(violations(BRITISH)).isEmpty();
    }

    @Test
    void noDescriptionBeginsWithARelativeClause() throws IOException {
        assertThat(violations(RELATIVE_CLAUSE)).isEmpty();
    }

    @Test
    void defaultsAreStatedAsDefaults() throws IOException {
        assertThat(violations(LEFT_OUT)).as("\"Defaults to …\" instead of").isEmpty();
    }

    /** Lists the places where a pattern matches, each in a line with its file and line. */
    private static String violations(Pattern pattern) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                int start = matcher.groupCount() > 0 ? matcher.start(1) : matcher.start();
                if (!ALLOWED.contains(word(text, start))) {
                    long line = 1
                            + text.substring(0, start)
                                    .chars()
                                    .filter(c -> c == '\n')
                                    .count();
                    found.add(ROOT.relativize(file) + ":" + line + ": " + text.substring(start, matcher.end()));
                }
            }
        }
        return String.join("\n", found);
    }

    /** Returns the identifier at a position. */
    private static String word(String text, int at) {
        int start = at;
        while (start > 0 && Character.isJavaIdentifierPart(text.charAt(start - 1))) {
            start--;
        }
        int end = at;
        while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
            end++;
        }
        return text.substring(start, end);
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean skipped = name.equals("target") || (name.startsWith(".") && !HIDDEN.contains(name));
                return skipped && !folder.equals(ROOT) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (isChecked(file)) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(files).contains(ROOT.resolve("pom.xml"));
        return files.stream().sorted().toList();
    }

    private static boolean isChecked(Path file) {
        String path = ROOT.relativize(file).toString().replace('\\', '/');
        String name = file.getFileName().toString();
        return Files.isRegularFile(file)
                && (NAMES.contains(name) || SUFFIXES.stream().anyMatch(name::endsWith))
                && EXCLUDED.stream().noneMatch(path::startsWith);
    }

    private static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("stages")) && Files.isDirectory(folder.resolve("operator"))) {
                return folder;
            }
        }
        throw new UncheckedIOException(
                new IOException("no checkout above " + Path.of("").toAbsolutePath()));
    }
}
