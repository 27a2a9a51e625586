package dev.moco.training.prepare;

import dev.moco.artifacts.StoredParts;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the files of uncompressed tars with their offsets. Headers are read one by one, each a small read, or as part of
 * a stream of all bytes, whichever takes less time at the latency and bandwidth of the source: the first where members
 * are large, or where many archives in an archive are listed at the same time, the second where they are small.
 * What was listed is recorded with the parts of the artifact, and not read again after a restart.
 */
final class TarListing implements AutoCloseable {
    /** Members after which the size of the others is estimated. */
    private static final int SAMPLE = 8;

    /** A tar up to this size is read as a stream: its headers would hardly take less time. */
    private static final long SMALL = 2L * TarReader.STREAM_READ;

    private static final Logger LOG = LoggerFactory.getLogger(TarListing.class);

    private final RawFiles files;
    private final StoredParts parts;
    private final ListingProgress progress;
    private final ExecutorService reads = SourceReads.threads("tar-reads", TarReader.STREAM_READS);
    private final ExecutorService walks;
    private @Nullable SourceSpeed speed;

    TarListing(RawFiles files, StoredParts parts, ListingProgress progress) {
        this(files, parts, progress, null);
    }

    /** @param speed speed of the source; null to measure it */
    TarListing(RawFiles files, StoredParts parts, ListingProgress progress, @Nullable SourceSpeed speed) {
        this.files = files;
        this.parts = parts;
        this.progress = progress;
        this.speed = speed;
        walks = SourceReads.threads("tar-headers", files.mostReads());
    }

    /** A regular file of a tar. */
    record Member(String name, Extent extent) {}

    /** Receives an archive that is a member of another. */
    interface Archives {
        void add(Member archive, List<Member> members) throws IOException;
    }

    /** Lists regular files in the order of the archive, which is a whole file. */
    List<Member> list(Extent tar) throws IOException {
        Optional<List<Member>> recorded = recorded(tar);
        return recorded.isPresent() ? recorded.get() : record(tar, walk(tar));
    }

    private List<Member> walk(Extent tar) throws IOException {
        TarReader reader = reader(tar);
        TarHeaders headers = new TarHeaders(reader, tar.path(), tar);
        TarMembers members = new TarMembers(tar.path());
        int read = 0;
        for (TarHeaders.Header header = headers.next(); header != null; header = headers.next()) {
            members.add(header);
            progress.listed();
            read++;
            if (!reader.isStream() && read % SAMPLE == 0) {
                streamIfFaster(reader, tar, (double) headers.position() / read, 1);
            }
        }
        return members.list();
    }

    /** Lists the files of the tars in a tar, in the order of the archives. */
    void listArchives(Extent tar, Archives archives) throws IOException {
        Walks walks = new Walks(tar, archives);
        Optional<List<Member>> recorded = recorded(tar);
        if (recorded.isPresent()) {
            for (Member archive : recorded.get()) {
                walks.add(archive);
            }
            walks.finish();
        } else {
            record(tar, walkArchives(tar, archives, walks));
        }
    }

    private List<Member> walkArchives(Extent tar, Archives archives, Walks walks) throws IOException {
        TarReader reader = reader(tar);
        TarHeaders headers = new TarHeaders(reader, tar.path(), tar);
        List<Member> found = new ArrayList<>();
        for (Member archive = nextArchive(headers, tar); archive != null; archive = nextArchive(headers, tar)) {
            if (found.isEmpty() && !reader.isStream()) {
                streamIfFaster(reader, tar, bytesPerMember(tar, archive), files.mostReads());
            }
            found.add(archive);
            if (reader.isStream()) {
                archives.add(archive, list(reader, tar, archive));
            } else {
                walks.add(archive);
            }
        }
        walks.finish();
        return found;
    }

    /** Archives in an archive that are listed at the same time, and given away in their order. */
    private final class Walks {
        private final Extent tar;
        private final Archives archives;
        private final Deque<Walk> ahead = new ArrayDeque<>();

        Walks(Extent tar, Archives archives) {
            this.tar = tar;
            this.archives = archives;
        }

        void add(Member archive) throws IOException {
            ahead.add(new Walk(archive, walks.submit(() -> list(newReader(tar), tar, archive))));
            if (ahead.size() > 2 * files.mostReads()) {
                ahead.remove().addTo(archives);
            }
        }

        void finish() throws IOException {
            for (Walk walk : ahead) {
                walk.addTo(archives);
            }
        }
    }

    private record Walk(Member archive, Future<List<Member>> members) {
        void addTo(Archives archives) throws IOException {
            archives.add(archive, SourceReads.result(members));
        }
    }

    /** Lists an archive in an archive. */
    private List<Member> list(TarReader reader, Extent outer, Member archive) throws IOException {
        Optional<List<Member>> recorded = recorded(archive.extent());
        return recorded.isPresent() ? recorded.get() : record(archive.extent(), walk(reader, outer, archive));
    }

    private List<Member> walk(TarReader reader, Extent outer, Member archive) throws IOException {
        TarHeaders headers = headers(reader, outer, archive);
        TarMembers members = new TarMembers(outer.path() + "/" + archive.name());
        for (TarHeaders.Header header = headers.next(); header != null; header = headers.next()) {
            members.add(header);
            progress.listed();
        }
        return members.list();
    }

    private Optional<List<Member>> recorded(Extent tar) throws IOException {
        Optional<List<Member>> members = parts.find(TarRecord.part(tar), TarRecord.class)
                .filter(record -> record.isOf(tar))
                .map(TarRecord::members);
        members.ifPresent(all -> all.forEach(member -> progress.listed()));
        return members;
    }

    private List<Member> record(Extent tar, List<Member> members) throws IOException {
        parts.put(TarRecord.part(tar), TarRecord.of(tar, members));
        return members;
    }

    private static TarHeaders headers(TarReader reader, Extent outer, Member archive) {
        return new TarHeaders(reader, outer.path() + "/" + archive.name(), archive.extent());
    }

    /** Mean size of the first members of an archive. */
    private double bytesPerMember(Extent outer, Member archive) throws IOException {
        TarHeaders headers = headers(newReader(outer), outer, archive);
        int members = 0;
        while (members < SAMPLE && headers.next() != null) {
            members++;
        }
        return members == 0 ? Double.MAX_VALUE : (double) headers.position() / members;
    }

    private TarReader newReader(Extent tar) {
        return new TarReader(files, tar.path(), tar.length(), reads);
    }

    private TarReader reader(Extent tar) {
        TarReader reader = newReader(tar);
        if (tar.length() <= SMALL) {
            reader.stream();
        }
        return reader;
    }

    private void streamIfFaster(TarReader reader, Extent tar, double bytesPerMember, int walked) throws IOException {
        SourceSpeed measured = speed;
        if (measured == null) {
            measured = SourceSpeed.measure(files, tar.path(), tar.length(), reads);
            speed = measured;
            LOG.info("measured source {} mostReads={}", measured, files.mostReads());
        }
        if (measured.streamIsFaster(bytesPerMember, walked)) {
            LOG.info("reading all of tar={} bytesPerMember={}", tar.path(), Math.round(bytesPerMember));
            reader.stream();
        }
    }

    /** The next archive in an archive; null at the end. */
    private static @Nullable Member nextArchive(TarHeaders headers, Extent tar) throws IOException {
        TarHeaders.Header header = headers.next();
        while (header != null && !(header.isFile() && header.name().endsWith(".tar"))) {
            header = headers.next();
        }
        if (header != null && !header.link().isEmpty()) {
            throw StageFailure.badData("%s: %s is a link to %s; pack the archive itself"
                    .formatted(tar.path(), header.name(), header.link()));
        }
        return header == null ? null : new Member(header.name(), header.content());
    }

    @Override
    public void close() {
        walks.shutdownNow();
        reads.shutdownNow();
    }
}
