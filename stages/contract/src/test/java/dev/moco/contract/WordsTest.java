package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

    /** Identifiers of libraries. */
    private static final Set<String> ALLOWED = Set.of("isCancelled", "CANCELLED");

    /** The old name of a spec field, which is refused with its new name: in code, not in prose. */
    private static final Pattern OLD_FIELD =
            Pattern.compile("(?m)[.?]neighbours\\b|\\{\"?neighbours\"?:|Integer neighbours,|^ +neighbours:$");

    /** Names and rules in the reference's test vectors, which other files of vectors have too. */
    private static final Pattern VECTOR_NAME =
            Pattern.compile("54_strong_colour|\"first_pixel_normalised\"|\"normalise\""
                    + "|q,k L2-normalised;|normalise with the biased variance");

    /** First words of a Javadoc, a text block, a description in the CRD or of a command, or a line of a comment. */
    private static final Pattern RELATIVE_CLAUSE = Pattern.compile("(?m)"
            + "(?:(?:/\\*\\*|\"\"\"|Description\\(\\s*\"|description = \\{?\\s*\")[\\s*]*|(?:^|\\s)(?://|#) )"
            + "((?:What|Whatever|Whether|Where|Wherever|Whose|Which|How|Who|Whoever|When|Why)\\b[^\\n]*)");

    private static final Pattern LEFT_OUT = Pattern.compile("\\b[Ll]eft out, [^\\n]*");

    private static final List<String> SUFFIXES = List.of(
            ".css",
            ".go",
            ".html",
            ".java",
            ".js",
            ".json",
            ".lua",
            ".md",
            ".properties",
            ".py",
            ".sh",
            ".txt",
            ".xml",
            ".yaml",
            ".yml");
    private static final Set<String> NAMES = Set.of(
            "Dockerfile",
            "Kustomization",
            "build-images",
            "compare",
            "kubectl-moco",
            "measure_gpu",
            "moco",
            "run",
            "run-images");

    /** Files that are not checked: this list of words. */
    private static final Set<String> EXCLUDED =
            Set.of("stages/contract/src/test/java/dev/moco/contract/WordsTest.java");

    @Test
    void spellingIsAmerican() {
        assertThat(violations(BRITISH, files())).isEmpty();
    }

    @Test
    void noDescriptionBeginsWithARelativeClause() {
        // Without Go: a change of a comment there would build the control plane anew.
        List<Path> files = files().stream()
                .filter(file -> !file.toString().endsWith(".go"))
                .toList();
        assertThat(violations(RELATIVE_CLAUSE, files)).isEmpty();
    }

    @Test
    void defaultsAreStatedAsDefaults() {
        assertThat(violations(LEFT_OUT, files()))
                .as("\"Defaults to …\" instead of")
                .isEmpty();
    }

    /** Lists the places where a pattern matches, each in a line with its file and line. */
    private static String violations(Pattern pattern, List<Path> files) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            String text = without(VECTOR_NAME, without(OLD_FIELD, Checkout.read(file)));
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                int start = matcher.groupCount() > 0 ? matcher.start(1) : matcher.start();
                if (!ALLOWED.contains(word(text, start))) {
                    found.add(Checkout.name(file) + ":" + Checkout.line(text, start) + ": "
                            + text.substring(start, matcher.end()));
                }
            }
        }
        return String.join("\n", found);
    }

    private static String without(Pattern names, String text) {
        return names.matcher(text).replaceAll(name -> " ".repeat(name.group().length()));
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

    private static List<Path> files() {
        List<Path> files =
                Checkout.files().stream().filter(WordsTest::isChecked).toList();
        assertThat(files).contains(Checkout.ROOT.resolve("pom.xml"));
        return files;
    }

    private static boolean isChecked(Path file) {
        String name = file.getFileName().toString();
        return (NAMES.contains(name) || SUFFIXES.stream().anyMatch(name::endsWith))
                && !EXCLUDED.contains(Checkout.name(file));
    }
}
