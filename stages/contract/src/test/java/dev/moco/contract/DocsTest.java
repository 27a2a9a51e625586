package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every document that code or another document refers to exists, with the section or the line that is named. */
class DocsTest {
    /** {@code -Ddocs.lines=write} corrects the line numbers of links, and the folders of files that have moved. */
    private static final boolean WRITE = "write".equals(System.getProperty("docs.lines"));

    private static final int README_BYTES = 6000;
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|py|md|lua|go|ya?ml|xml|txt)|.*Dockerfile|[^.]+");

    /** The section sign, as an escape since this file is checked too. */
    private static final String SIGN = "\\xa7";

    private static final String SECTIONS = SIGN + "[\\d.]*\\d(?:[-–][\\d.]*\\d)?";

    /** Space, over the end of a line in a comment too. */
    private static final String GAP = "\\s+(?:(?:\\*|//|#|--)\\s+)?";

    private static final Pattern CITATION = Pattern.compile("docs/([\\w-]+\\.md)"
            + ("(?:`?" + GAP + "(" + SECTIONS + "(?:(?:,|" + GAP + "(?:and|to))" + GAP + SECTIONS + ")*))?"));
    private static final Pattern SECTION = Pattern.compile("[\\d.]*\\d");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (?:(\\d[\\d.]*\\d|\\d)\\.? )?.*$");
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern LINK = Pattern.compile("\\[([^\\[\\]]*)]\\((?!\\w+:)([^)#\\s]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern LINE = Pattern.compile("L(\\d+)");

    @Test
    void readmeIsShort() throws IOException {
        assertThat(Files.size(Checkout.ROOT.resolve("README.md"))).isLessThanOrEqualTo(README_BYTES);
    }

    @Test
    void commentsCiteSectionsThatExist() {
        List<String> problems = new ArrayList<>();
        for (Path file : sources()) {
            for (MatchResult citation : matches(CITATION, Checkout.read(file))) {
                Path document = Checkout.ROOT.resolve("docs").resolve(citation.group(1));
                boolean found = Files.exists(document)
                        && (citation.group(2) == null
                                || matches(SECTION, citation.group(2)).stream()
                                        .allMatch(section -> sections(document).contains(section.group())));
                if (!found) {
                    problems.add(Checkout.name(file) + " cites " + citation.group());
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void commentsCiteSectionsOfDocumentsOnly() {
        List<String> problems = new ArrayList<>();
        for (Path file : sources()) {
            if (!file.toString().endsWith(".md")) {
                String text = CITATION.matcher(Checkout.read(file))
                        .replaceAll(citation ->
                                "\n".repeat((int) citation.group().lines().count() - 1));
                for (MatchResult sign : matches(Pattern.compile(SIGN), text)) {
                    problems.add(Checkout.name(file) + ":" + Checkout.line(text, sign.start()));
                }
            }
        }
        assertThat(problems).as("section signs that are not of docs/….md").isEmpty();
    }

    @Test
    void citationsAreReadOverTheEndsOfLinesAndWithSeveralSections() {
        String text = "(docs/method.md\n * S1.3-1.5, S2\n * and S9) as docs/design.md says; `docs/design.md` S6";

        assertThat(matches(CITATION, text.replace("S", "\u00a7")))
                .extracting(citation -> matches(SECTION, String.valueOf(citation.group(2))).stream()
                        .map(MatchResult::group)
                        .toList())
                .containsExactly(List.of("1.3", "1.5", "2", "9"), List.of(), List.of("6"));
    }

    @Test
    void linksLeadToFilesHeadingsAndLines() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path document : documents()) {
            String text = Checkout.read(document);
            if (WRITE) {
                text = LINK.matcher(text).replaceAll(link -> Matcher.quoteReplacement(corrected(document, link)));
                Files.writeString(document, text);
            }
            for (MatchResult link : matches(LINK, CODE_BLOCK.matcher(text).replaceAll(""))) {
                String problem = problem(document, link);
                if (problem != null) {
                    problems.add(Checkout.name(document) + ": " + link.group() + " " + problem);
                }
            }
        }
        assertThat(problems).as("-Ddocs.lines=write corrects line numbers").isEmpty();
    }

    private static @Nullable String problem(Path document, MatchResult link) {
        Path target = target(document, link);
        String anchor = link.group(3);
        if (!Files.exists(target)) {
            return "leads to no file";
        } else if (anchor == null) {
            return null;
        }
        Matcher line = LINE.matcher(anchor);
        if (!line.matches()) {
            return anchors(target).contains(anchor) ? null : "leads to no heading";
        }
        return lines(target, code(link)).contains(Integer.parseInt(line.group(1))) ? null : "leads to another line";
    }

    /** The link with the nearest line that declares what its text names, or says it if none declares it. */
    private static String corrected(Path document, MatchResult link) {
        Path target = target(document, link);
        String path = link.group(2);
        if (!Files.exists(target)) {
            List<Path> moved = Checkout.files().stream()
                    .filter(file -> file.getFileName().equals(target.getFileName()))
                    .toList();
            if (moved.size() != 1) {
                return link.group();
            }
            path = document.resolveSibling("").relativize(moved.get(0)).toString();
        }
        String anchor = link.group(3);
        if (anchor == null) {
            return "[" + link.group(1) + "](" + path + ")";
        }
        Matcher line = LINE.matcher(anchor);
        if (line.matches()) {
            int old = Integer.parseInt(line.group(1));
            anchor = lines(document.resolveSibling(path).normalize(), code(link)).stream()
                    .min(Comparator.comparingInt(found -> Math.abs(found - old)))
                    .map(found -> "L" + found)
                    .orElse(anchor);
        }
        return "[" + link.group(1) + "](" + path + "#" + anchor + ")";
    }

    private static Path target(Path document, MatchResult link) {
        return link.group(2).isEmpty()
                ? document
                : document.resolveSibling(link.group(2)).normalize();
    }

    /** The last part of the name in backticks: {@code push} of {@code `KeyQueue.push`}. */
    private static String code(MatchResult link) {
        return link.group(1).replace("`", "").replaceFirst("\\(.*", "").replaceFirst(".*\\.", "");
    }

    /** Numbers of the lines that declare a name as a type or method, else as a field, else of those that say it. */
    private static List<Integer> lines(Path file, String name) {
        String before = "^\\s*+(?!return |new |throw |else |assert |case )[\\w@.<>\\[\\],? ]*[\\w>\\]] ";
        String word = "\\b" + Pattern.quote(name) + "\\b";
        String type = "\\b(class|record|interface|enum) " + word;
        return Stream.of(type + "|" + before + word + "\\(", before + word + "( =|;|,|\\))", word)
                .map(pattern -> lines(file, Pattern.compile(pattern)))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private static List<Integer> lines(Path file, Pattern pattern) {
        List<String> lines = Checkout.read(file).lines().toList();
        return IntStream.rangeClosed(1, lines.size())
                .filter(number -> pattern.matcher(lines.get(number - 1)).find())
                .boxed()
                .toList();
    }

    /** Numbers that headings begin with. */
    private static List<String> sections(Path document) {
        return matches(HEADING, Checkout.read(document)).stream()
                .map(heading -> String.valueOf(heading.group(1)))
                .toList();
    }

    /** Anchors of headings as GitHub makes them; a second heading of the same words has -1 at its end, and so on. */
    private static List<String> anchors(Path document) {
        Map<String, Integer> seen = new HashMap<>();
        List<String> anchors = new ArrayList<>();
        for (MatchResult heading :
                matches(HEADING, CODE_BLOCK.matcher(Checkout.read(document)).replaceAll(""))) {
            String anchor = heading.group()
                    .replaceFirst("#+ ", "")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            int count = seen.merge(anchor, 1, Integer::sum);
            anchors.add(count == 1 ? anchor : anchor + "-" + (count - 1));
        }
        return anchors;
    }

    private static List<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    private static List<Path> documents() {
        return Checkout.files().stream()
                .filter(file -> file.toString().endsWith(".md"))
                .toList();
    }

    private static List<Path> sources() {
        return Checkout.files().stream()
                .filter(file -> SOURCE.matcher(file.getFileName().toString()).matches())
                .toList();
    }
}
