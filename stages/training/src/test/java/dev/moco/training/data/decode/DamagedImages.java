package dev.moco.training.data.decode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Images with random damage; each is a function of its number. */
final class DamagedImages {
    private static final byte MARKER = (byte) 0xff;
    private static final byte END = (byte) 0xd9;

    private final List<byte[]> whole;

    private DamagedImages(List<byte[]> whole) {
        this.whole = whole;
    }

    /** Damages the images of the folder {@code damaged}. */
    static DamagedImages load() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return new DamagedImages(files.filter(file -> file.toString().matches(".*\\.(jpg|png)"))
                    .sorted()
                    .map(DamagedImages::read)
                    .toList());
        }
    }

    static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(DamagedImages.class.getResource("/damaged"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Kinds of damage. */
    enum Damage {
        BYTE {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                return replaced(image, 1, random);
            }
        },
        BIT {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                byte[] damaged = image.clone();
                damaged[random.nextInt(image.length)] ^= (byte) (1 << random.nextInt(8));
                return damaged;
            }
        },
        BYTES {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                return replaced(image, random.nextInt(2, 20), random);
            }
        },
        CUT {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                return Arrays.copyOf(image, random.nextInt(image.length));
            }
        },
        CUT_BEFORE_AN_END_MARKER {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                return joined(
                        Arrays.copyOf(image, random.nextInt(image.length)), new byte[] {MARKER, END}, new byte[0]);
            }
        },
        RANGE_REMOVED {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                int from = random.nextInt(image.length);
                int to = Math.min(image.length, from + random.nextInt(1, 600));
                return joined(Arrays.copyOf(image, from), Arrays.copyOfRange(image, to, image.length), new byte[0]);
            }
        },
        RANGE_ZERO {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                byte[] damaged = image.clone();
                int from = random.nextInt(image.length);
                Arrays.fill(damaged, from, Math.min(image.length, from + random.nextInt(1, 100)), (byte) 0);
                return damaged;
            }
        },
        BYTES_INSERTED {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                byte[] more = new byte[random.nextInt(1, 40)];
                random.nextBytes(more);
                int at = random.nextInt(image.length);
                return joined(Arrays.copyOf(image, at), more, Arrays.copyOfRange(image, at, image.length));
            }
        },
        END_LOST {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                byte[] damaged = Arrays.copyOf(image, image.length - random.nextInt(12));
                int last = damaged.length - 1 - random.nextInt(3);
                damaged[last] = (byte) random.nextInt(256);
                return damaged;
            }
        },
        MARKER_INSERTED {
            @Override
            byte[] damage(byte[] image, SplittableRandom random) {
                byte[] damaged = image.clone();
                int at = random.nextInt(image.length - 1);
                damaged[at] = MARKER;
                damaged[at + 1] = (byte) random.nextInt(256);
                return damaged;
            }
        };

        abstract byte[] damage(byte[] image, SplittableRandom random);

        private static byte[] replaced(byte[] image, int count, SplittableRandom random) {
            byte[] damaged = image.clone();
            for (int i = 0; i < count; i++) {
                damaged[random.nextInt(image.length)] = (byte) random.nextInt(256);
            }
            return damaged;
        }

        private static byte[] joined(byte[] first, byte[] second, byte[] third) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(first);
            all.writeBytes(second);
            all.writeBytes(third);
            return all.toByteArray();
        }
    }

    static Damage kind(int number) {
        return Damage.values()[number % Damage.values().length];
    }

    byte[] image(int number) {
        SplittableRandom random = new SplittableRandom(number);
        return kind(number).damage(whole.get(random.nextInt(whole.size())), random);
    }

    /** Name of a damaged image's file, by which the files of a folder are in order. */
    static String name(int number) {
        return "%05d-%s".formatted(number, kind(number));
    }
}
