package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarListingTest {
    /** 40 ms a request and 250 MB/s. */
    private static final SourceSpeed STORE = new SourceSpeed(0.04, 250e6);

    @TempDir
    Path folder;

    private final MemoryFiles files = new MemoryFiles(8);
    private final List<Progress> reports = new ArrayList<>();
    private final ListingProgress progress = new ListingProgress(reports::add, () -> false);

    private TarListing listing() {
        return new TarListing(files, EmptyParts.in(folder), progress, STORE);
    }

    private static byte[] tar(Map<String, byte[]> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8")) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            write(out, members);
        }
        return bytes.toByteArray();
    }

    private static void write(TarArchiveOutputStream out, Map<String, byte[]> members) throws IOException {
        for (Map.Entry<String, byte[]> member : members.entrySet()) {
            TarArchiveEntry entry = new TarArchiveEntry(member.getKey());
            entry.setSize(member.getValue().length);
            out.putArchiveEntry(entry);
            out.write(member.getValue());
            out.closeArchiveEntry();
        }
    }

    private static Map<String, byte[]> members(int count, int bytes) {
        Map<String, byte[]> members = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[bytes + i % 50];
            Arrays.fill(content, (byte) i);
            members.put("image_" + i + ".JPEG", content);
        }
        return members;
    }

    private void assertContent(List<TarListing.Member> found, Map<String, byte[]> expected) throws IOException {
        assertThat(found).extracting(TarListing.Member::name).isEqualTo(List.copyOf(expected.keySet()));
        for (TarListing.Member member : found) {
            assertThat(member.extent().read(files)).as(member.name()).isEqualTo(expected.get(member.name()));
        }
    }

    @Test
    void onlyHeadersOfLargeMembersAreRead() throws IOException {
        Map<String, byte[]> images = members(4, 12_000_000);
        Extent tar = files.put("a.tar", tar(images));
        try (TarListing listing = listing()) {
            List<TarListing.Member> found = listing.list(tar);
            assertThat(files.reads).hasValue(5);
            assertThat(files.bytes.get()).isLessThanOrEqualTo(5 * 2048);
            assertContent(found, images);
        }
    }

    @Test
    void smallMembersAreReadAsAStream() throws IOException {
        Map<String, byte[]> annotations = members(12_000, 700);
        Extent tar = files.put("a.tar", tar(annotations));
        assertThat(tar.length()).isGreaterThan(4 * TarReader.STREAM_READ);
        try (TarListing listing = listing()) {
            List<TarListing.Member> found = listing.list(tar);
            assertThat(files.reads.get()).isLessThan(8 + 2 + tar.length() / TarReader.STREAM_READ);
            assertThat(files.mostAtATime.get()).isLessThanOrEqualTo(TarReader.STREAM_READS);
            assertContent(found, annotations);
        }
    }

    @ParameterizedTest(name = "images of {0} bytes in archives: everything is read = {1}")
    @CsvSource({"400000, false", "9000, true"})
    void archivesInAnArchiveAreListedAtTheSameTime(int imageBytes, boolean stream) throws IOException {
        SourceSpeed speed = new SourceSpeed(0.01, 250e6); // in 10 ms over 8 archives at a time 312 kB
        Map<String, byte[]> images = members(10, imageBytes);
        Map<String, byte[]> archives = new LinkedHashMap<>();
        int count = stream ? 100 : 12;
        for (int i = 0; i < count; i++) {
            archives.put("n%02d.tar".formatted(i), tar(images));
        }
        archives.put("readme.txt", new byte[5]);
        Extent tar = files.put("train.tar", tar(archives));
        Map<String, List<TarListing.Member>> found = new LinkedHashMap<>();
        try (TarListing listing = new TarListing(files, EmptyParts.in(folder), progress, speed)) {
            listing.listArchives(tar, (archive, members) -> found.put(archive.name(), members));
            assertThat(files.mostAtATime.get()).isLessThanOrEqualTo(stream ? TarReader.STREAM_READS + 1 : 9);
            if (stream) {
                assertThat(files.reads.get()).isLessThan(20);
            } else {
                assertThat(files.bytes.get()).isLessThan(2048 * 160);
            }
        }
        archives.remove("readme.txt");
        assertThat(List.copyOf(found.keySet())).isEqualTo(List.copyOf(archives.keySet()));
        for (List<TarListing.Member> members : found.values()) {
            assertContent(members, images);
        }
    }

    @ParameterizedTest(name = "names longer than 100 bytes, mode {0}")
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void longNamesAreRead(int mode) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("short.JPEG", new byte[] {1, 2, 3});
        members.put("folder/".repeat(30) + "größe.JPEG", new byte[1000]);
        members.put("x".repeat(5000) + ".JPEG", new byte[] {4});
        members.put("empty.JPEG", new byte[0]);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8")) {
            out.setLongFileMode(mode);
            out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            out.setAddPaxHeadersForNonAsciiNames(true);
            write(out, members);
        }
        Extent tar = files.put("a.tar", bytes.toByteArray());
        try (TarListing listing = listing()) {
            assertContent(listing.list(tar), members);
        }
    }

    @Test
    void membersHaveThePlacesOfOtherReaders() throws IOException {
        byte[] tar = tar(members(20, 333));
        Extent extent = files.put("a.tar", tar);
        List<Long> expected = new ArrayList<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            while (in.getNextEntry() != null) {
                expected.add(in.getBytesRead());
            }
        }
        try (TarListing listing = listing()) {
            assertThat(listing.list(extent))
                    .extracting(member -> member.extent().offset())
                    .isEqualTo(expected);
        }
    }

    @Test
    void aDamagedHeaderIsNamed() throws IOException {
        byte[] tar = tar(members(3, 600));
        tar[1536 + 1] ^= 1;
        assertBadData(tar, "a.tar: not a complete tar archive: the checksum of the header at 1536 is wrong");
    }

    @ParameterizedTest(name = "a tar cut after {0} bytes")
    @CsvSource(
            delimiter = '|',
            value = {
                "1000 | a.tar: truncated tar archive of 1000 bytes: image_0.JPEG needs 536 bytes more; download it again",
                "1536 | a.tar: truncated tar archive of 1536 bytes: its end-of-archive block is missing; download it again",
                "0 | a.tar: truncated tar archive of 0 bytes: its end-of-archive block is missing; download it again",
            })
    void aTruncatedTarIsNamed(int bytes, String message) throws IOException {
        assertBadData(Arrays.copyOf(tar(members(3, 600)), bytes), message);
    }

    private void assertBadData(byte[] tar, String message) {
        Extent extent = files.put("a.tar", tar);
        try (TarListing listing = listing()) {
            assertThatThrownBy(() -> listing.list(extent))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                    .hasMessage(message);
        }
    }

    @Test
    void whatIsListedIsNotReadAgain() throws IOException {
        Map<String, byte[]> images = members(10, 5000);
        Extent train = files.put("train.tar", tar(Map.of("a.tar", tar(images), "b.tar", tar(members(3, 7000)))));
        Extent flat = files.put("val.tar", tar(images));
        List<TarListing.Member> first = listed(train, flat);
        long reads = files.reads.get();
        assertThat(listed(train, flat)).isEqualTo(first);
        assertThat(files.reads.get()).isEqualTo(reads);
    }

    /** Members of the archives in a tar, then those of another tar. */
    private List<TarListing.Member> listed(Extent archives, Extent flat) throws IOException {
        List<TarListing.Member> all = new ArrayList<>();
        try (TarListing listing = listing()) {
            listing.listArchives(archives, (archive, members) -> {
                all.add(archive);
                all.addAll(members);
            });
            all.addAll(listing.list(flat));
        }
        return all;
    }

    @Test
    void anArchiveWhoseRecordDoesNotHoldIsReadAgain() throws IOException {
        Extent tar = files.put("a.tar", tar(members(3, 600)));
        List<TarListing.Member> expected = listing().list(tar);
        TarRecord record = TarRecord.of(tar, expected);
        long end = tar.length();
        List<Object> bad = List.of(
                "torn",
                new TarRecord(TarRecord.VERSION + 1, tar, record.names(), record.offsets(), record.lengths()),
                new TarRecord(1, new Extent("b.tar", 0, end), record.names(), record.offsets(), record.lengths()),
                new TarRecord(1, tar, record.names(), record.offsets(), List.of(1L)),
                new TarRecord(1, tar, List.of("a"), record.offsets(), record.lengths()),
                new TarRecord(1, tar, List.of("a"), List.of(-1L), List.of(1L)),
                new TarRecord(1, tar, List.of("a"), List.of(end), List.of(1L)),
                new TarRecord(1, tar, List.of("a"), List.of(0L), List.of(-1L)),
                new TarRecord(1, tar, List.of("a"), List.of(Long.MAX_VALUE), List.of(Long.MAX_VALUE)));
        for (Object forged : bad) {
            EmptyParts.in(folder).put(TarRecord.part(tar), forged);
            long reads = files.reads.get();
            assertThat(listing().list(tar)).isEqualTo(expected);
            assertThat(files.reads.get()).as(forged.toString()).isGreaterThan(reads);
        }
    }

    @Test
    void aStopEndsTheListing() throws IOException {
        Extent tar = files.put("a.tar", tar(members(3, 600)));
        ListingProgress stopped = new ListingProgress(reports::add, () -> true);
        assertThat(reports).allMatch(report -> report.phase().equals("listing"));
        try (TarListing listing = new TarListing(files, EmptyParts.in(folder), stopped, STORE)) {
            assertThatThrownBy(() -> listing.list(tar))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
        }
    }

    @ParameterizedTest(name = "{0} ms, {1} MB/s, members of {2} bytes, {3} archives at a time: stream = {4}")
    @CsvSource({
        "40, 250, 115000, 128, false", // ImageNet's training images: 400 s against 590 s
        "40, 250, 115000, 1, true", // its validation images: 2000 s against 27 s
        "40, 250, 148000000, 1, false", // archives of classes
        "40, 250, 1500, 1, true", // VOC's annotations
        "100, 250, 115000, 128, true",
        "40, 80, 115000, 128, false",
        "0.02, 2000, 115000, 1, false", // a disk
    })
    void theFasterWayIsChosen(double latencyMs, double megabytes, double memberBytes, int walks, boolean stream) {
        SourceSpeed speed = new SourceSpeed(latencyMs / 1e3, megabytes * 1e6);
        assertThat(speed.streamIsFaster(memberBytes, walks)).isEqualTo(stream);
    }
}
