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
    private static final Path ROOT = root();
    private static final Pattern NOT_OURS = Pattern.compile(".*/(\\.git|\\.moco|target|pipelines/\\w+/data)");
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|py|md|lua|go|ya?ml|xml|txt)|.*Dockerfile|[^.]+");
    private static final Pattern CITATION =
            Pattern.compile("docs/([\\w-]+\\.md)(?: §([\\d.]*\\d)(?:[-–]([\\d.]*\\d))?)?");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (?:(\\d[\\d.]*\\d|\\d)\\.? )?.*$");
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern LINK = Pattern.compile("\\[([^\\[\\]]*)]\\((?!\\w+:)([^)#\\s]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern LINE = Pattern.compile("L(\\d+)");

    @Test
    void readmeIsShort() throws IOException {
        assertThat(Files.size(ROOT.resolve("README.md"))).isLessThanOrEqualTo(README_BYTES);
    }

    @Test
    void commentsCiteSectionsThatExist() {
        List<String> problems = new ArrayList<>();
        for (Path file : files()) {
            if (SOURCE.matcher(file.getFileName().toString()).matches()) {
                for (MatchResult citation : matches(CITATION, read(file))) {
                    Path document = ROOT.resolve("docs").resolve(citation.group(1));
                    for (int group = 2; group <= 3; group++) {
                        String section = citation.group(group);
                        if (!Files.exists(document)
                                || (section != null && !sections(document).contains(section))) {
                            problems.add(name(file) + " cites " + citation.group());
                        }
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void linksLeadToFilesHeadingsAndLines() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path document : documents()) {
            String text = read(document);
            if (WRITE) {
                text = LINK.matcher(text).replaceAll(link -> Matcher.quoteReplacement(corrected(document, link)));
                Files.writeString(document, text);
            }
            for (MatchResult link : matches(LINK, CODE_BLOCK.matcher(text).replaceAll(""))) {
                String problem = problem(document, link);
                if (problem != null) {
                    problems.add(name(document) + ": " + link.group() + " " + problem);
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
            List<Path> moved = files().stream()
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
        List<String> lines = read(file).lines().toList();
        return IntStream.rangeClosed(1, lines.size())
                .filter(number -> pattern.matcher(lines.get(number - 1)).find())
                .boxed()
                .toList();
    }

    /** Numbers that headings begin with. */
    private static List<String> sections(Path document) {
        return matches(HEADING, read(document)).stream()
                .map(heading -> String.valueOf(heading.group(1)))
                .toList();
    }

    /** Anchors of headings as GitHub makes them; a second heading of the same words has -1 at its end, and so on. */
    private static List<String> anchors(Path document) {
        Map<String, Integer> seen = new HashMap<>();
        List<String> anchors = new ArrayList<>();
        for (MatchResult heading :
                matches(HEADING, CODE_BLOCK.matcher(read(document)).replaceAll(""))) {
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
        return files().stream().filter(file -> file.toString().endsWith(".md")).toList();
    }

    /** Every file of the checkout that people write. */
    private static List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return NOT_OURS.matcher(folder.toString()).matches()
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(name(file), e);
        }
    }

    private static String name(Path file) {
        return ROOT.relativize(file).toString();
    }

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        for (Path folder = root; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve(".mvn"))) {
                root = folder;
            }
        }
        return root;
    }
}
