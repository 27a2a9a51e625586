package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import dev.moco.training.prepare.TarListing.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the files of a tar as GNU tar extracts them: a link has the content of the file that it names. */
final class TarMembers {
    private final String archive;
    private final List<Member> files = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();

    private record Link(String name, String target, int position) {}

    /** @param archive name of the archive in messages */
    TarMembers(String archive) {
        this.archive = archive;
    }

    /** Adds a member; passes over folders, devices, and the "._" file that macOS writes for each file. */
    void add(TarHeaders.Header header) {
        String name = header.name();
        if (!header.isFile()) {
            return;
        }
        switch (header.type()) {
            case '1' -> links.add(new Link(name, normalized(header.link()), files.size()));
            case '2' -> links.add(new Link(name, beside(name, header.link()), files.size()));
            default -> files.add(new Member(name, header.content()));
        }
    }

    /** The files in the order of the archive. */
    List<Member> list() {
        if (links.isEmpty()) {
            return files;
        }
        Map<String, Extent> contents = new HashMap<>();
        files.forEach(file -> contents.put(normalized(file.name()), file.extent()));
        Map<String, Link> linked = new HashMap<>();
        links.forEach(link -> linked.put(normalized(link.name()), link));
        List<Member> all = new ArrayList<>();
        int position = 0;
        for (Link link : links) {
            all.addAll(files.subList(position, link.position()));
            position = link.position();
            all.add(new Member(link.name(), content(link, contents, linked)));
        }
        all.addAll(files.subList(position, files.size()));
        return all;
    }

    private Extent content(Link link, Map<String, Extent> contents, Map<String, Link> linked) {
        Link next = link;
        for (int i = 0; i <= links.size(); i++) {
            Extent content = contents.get(next.target());
            if (content != null) {
                return content;
            }
            Link further = linked.get(next.target());
            if (further == null) {
                break;
            }
            next = further;
        }
        throw StageFailure.badData("%s: %s is a link to %s, which is no file of the archive"
                .formatted(archive, link.name(), link.target()));
    }

    private static String beside(String name, String target) {
        int end = name.lastIndexOf('/');
        return normalized(target.startsWith("/") || end < 0 ? target : name.substring(0, end) + "/" + target);
    }

    private static String normalized(String path) {
        return Path.of("/" + path).normalize().toString();
    }
}
