package dev.moco.fullsize;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/** Checksums that a request states for its body, in a header or behind it. */
final class Checksums {
    private static final String PREFIX = "x-amz-checksum-";
    private static final Map<String, Supplier<Sum>> ALGORITHMS = Map.of(
            "content-md5",
            () -> digest("MD5"),
            PREFIX + "crc32",
            () -> crc(new CRC32()),
            PREFIX + "crc32c",
            () -> crc(new CRC32C()),
            PREFIX + "sha1",
            () -> digest("SHA-1"),
            PREFIX + "sha256",
            () -> digest("SHA-256"));

    private final Map<String, Sum> sums = new TreeMap<>();
    private final Map<String, String> expected = new HashMap<>();

    private interface Sum {
        void update(byte[] bytes, int count);

        byte[] value();
    }

    /** @param header value of a header of the request by its name in lower case */
    Checksums(Function<String, @Nullable String> header) {
        String trailer = header.apply("x-amz-trailer");
        ALGORITHMS.forEach((name, sum) -> {
            String stated = header.apply(name);
            if (stated != null) {
                expected.put(name, stated);
            }
            if (stated != null || name.equals(trailer)) {
                sums.put(name, sum.get());
            }
        });
    }

    void update(byte[] bytes, int count) {
        sums.values().forEach(sum -> sum.update(bytes, count));
    }

    /** Name of the first checksum that is not that of the body; null if all are right. */
    @Nullable
    String wrong(Map<String, String> trailers) {
        expected.putAll(trailers);
        for (Map.Entry<String, Sum> sum : sums.entrySet()) {
            String found = Base64.getEncoder().encodeToString(sum.getValue().value());
            if (!found.equals(expected.get(sum.getKey()))) {
                return sum.getKey();
            }
        }
        return null;
    }

    private static Sum digest(String algorithm) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        return new Sum() {
            @Override
            public void update(byte[] bytes, int count) {
                digest.update(bytes, 0, count);
            }

            @Override
            public byte[] value() {
                return digest.digest();
            }
        };
    }

    private static Sum crc(Checksum crc) {
        return new Sum() {
            @Override
            public void update(byte[] bytes, int count) {
                crc.update(bytes, 0, count);
            }

            @Override
            public byte[] value() {
                byte[] value = ByteBuffer.allocate(8).putLong(crc.getValue()).array();
                return Arrays.copyOfRange(value, 4, 8);
            }
        };
    }
}
