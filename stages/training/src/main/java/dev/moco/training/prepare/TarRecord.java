package dev.moco.training.prepare;

import dev.moco.contract.Sha256;
import dev.moco.training.prepare.TarListing.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Record of a listed tar. It is stored with the parts of the artifact, whose key depends on the source, so that a run that
 * is restarted reads no header again.
 *
 * @param version {@link #VERSION}
 * @param tar place of the tar in the source
 * @param names names of its members
 * @param offsets places of their contents in the source's file, in bytes
 * @param lengths sizes of their contents in bytes
 */
record TarRecord(int version, Extent tar, List<String> names, List<Long> offsets, List<Long> lengths) {
    /** Incremented when the same tar is listed otherwise. */
    static final int VERSION = 1;

    static TarRecord of(Extent tar, List<Member> members) {
        return new TarRecord(
                VERSION,
                tar,
                members.stream().map(Member::name).toList(),
                members.stream().map(member -> member.extent().offset()).toList(),
                members.stream().map(member -> member.extent().length()).toList());
    }

    /** Name of the part that has the record of a tar. */
    static String part(Extent tar) {
        String place = tar.path() + "@" + tar.offset() + "+" + tar.length();
        return "listing-" + Sha256.of(place.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    }

    /** Returns whether this record, which may be anyone's, is one of the tar: its members lie within it. */
    boolean isOf(Extent asked) {
        if (version != VERSION
                || !asked.equals(tar)
                || offsets.size() != names.size()
                || lengths.size() != names.size()) {
            return false;
        }
        long end = tar.offset() + tar.length();
        for (int i = 0; i < names.size(); i++) {
            long length = lengths.get(i);
            if (length < 0 || offsets.get(i) < tar.offset() || offsets.get(i) > end - length) {
                return false;
            }
        }
        return true;
    }

    List<Member> members() {
        List<Member> members = new ArrayList<>(names.size());
        for (int i = 0; i < names.size(); i++) {
            members.add(new Member(names.get(i), new Extent(tar.path(), offsets.get(i), lengths.get(i))));
        }
        return members;
    }
}
