package dev.moco.training.data.decode;

/**
 * Decodes PGM and PPM, plain and binary, as Pillow does: other largest values than 255 are scaled, and gray of more than
 * 8 bits is clipped at 255.
 */
final class PnmDecoder implements RasterImage {
    private static final int LONGEST_NUMBER = 10;

    private final byte[] file;
    private final boolean plain;
    private final int channels;
    private final ImageSize size;
    private final int most;
    private final int data;

    private PnmDecoder(byte[] file, boolean plain, int channels, ImageSize size, int most, int data) {
        this.file = file;
        this.plain = plain;
        this.channels = channels;
        this.size = size;
        this.most = most;
        this.data = data;
    }

    static boolean matches(byte[] file) {
        return file.length > 2
                && file[0] == 'P'
                && (file[1] == '2' || file[1] == '3' || file[1] == '5' || file[1] == '6')
                && isSpace(file[2]);
    }

    static PnmDecoder of(byte[] file) throws BadImageException {
        Numbers header = new Numbers(file, 2);
        ImageSize size = ImageSize.checked(header.next(), header.next());
        int most = header.next();
        if (most < 1 || most > 0xffff) {
            throw new BadImageException("PNM with a largest value of " + most);
        }
        boolean plain = file[1] == '2' || file[1] == '3';
        PnmDecoder decoder =
                new PnmDecoder(file, plain, file[1] == '3' || file[1] == '6' ? 3 : 1, size, most, header.at);
        if (!plain && decoder.samples() * decoder.sampleBytes() > file.length - header.at) {
            throw new BadImageException("truncated PNM: " + (file.length - header.at) + " bytes of data of "
                    + decoder.samples() * decoder.sampleBytes());
        }
        return decoder;
    }

    /** Numbers in text, with comments between them. */
    private static final class Numbers {
        private final byte[] file;
        /** After the space that ends the last number. */
        private int at;

        Numbers(byte[] file, int at) {
            this.file = file;
            this.at = at;
        }

        int next() throws BadImageException {
            long number = 0;
            int digits = 0;
            while (at < file.length && !(digits > 0 && isSpace(file[at]))) {
                byte c = file[at++];
                if (c == '#') {
                    while (at < file.length && file[at] != '\n' && file[at] != '\r') {
                        at++;
                    }
                } else if (!isSpace(c)) {
                    if (c < '0' || c > '9' || ++digits > LONGEST_NUMBER) {
                        throw new BadImageException("PNM with something else than a number at byte " + (at - 1));
                    }
                    number = number * 10 + c - '0';
                }
            }
            if (digits == 0) {
                throw new BadImageException("truncated PNM: it ends before a number");
            }
            at++;
            return (int) Math.min(number, Integer.MAX_VALUE);
        }
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private long samples() {
        return (long) size.width() * size.height() * channels;
    }

    private int sampleBytes() {
        return most > 255 ? 2 : 1;
    }

    @Override
    public ImageSize size() {
        return size;
    }

    @Override
    public long heapBytes() {
        return RasterImage.rgbBytes(size);
    }

    @Override
    public void check() throws BadImageException {
        if (plain) {
            Numbers numbers = new Numbers(file, data);
            for (long i = 0; i < samples(); i++) {
                plainSample(numbers);
            }
        }
    }

    private int plainSample(Numbers numbers) throws BadImageException {
        int value = numbers.next();
        if (value > most) {
            throw new BadImageException("PNM with a value of " + value + " where at most " + most + " is allowed");
        }
        return value;
    }

    @Override
    public byte[] decode() throws BadImageException {
        byte[] rgb = new byte[(int) RasterImage.rgbBytes(size)];
        Numbers numbers = new Numbers(file, data);
        int at = 0;
        for (int i = 0; i < samples(); i++) {
            byte value = scaled(plain ? plainSample(numbers) : binarySample(i));
            for (int copies = channels; copies <= 3; copies += 2) {
                rgb[at++] = value;
                if (channels == 1 && copies == 1) {
                    rgb[at++] = value;
                }
            }
        }
        return rgb;
    }

    private int binarySample(int index) {
        return sampleBytes() == 1
                ? file[data + index] & 0xff
                : ((file[data + 2 * index] & 0xff) << 8) | (file[data + 2 * index + 1] & 0xff);
    }

    private byte scaled(int value) {
        // Python rounds halves to the even number, as rint does.
        int wide = channels == 1 && most > 255 ? 65535 : 255;
        long level = Math.min(wide, (long) Math.rint((double) value / most * wide));
        return (byte) Math.min(255, level);
    }
}
