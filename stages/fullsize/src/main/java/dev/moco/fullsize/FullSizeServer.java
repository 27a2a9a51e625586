package dev.moco.fullsize;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A server with S3's API that has ImageNet and VOC of the real size without taking the disk for them: names, sizes and
 * places are those of a full set, images repeat from a pool. It keeps what is written to it, and each distinct image
 * once. {@code scripts/fullsize-server} runs it.
 */
public final class FullSizeServer implements AutoCloseable {
    /** Bucket of the raw data; every other bucket exists and is empty at first. */
    public static final String BUCKET = "fullsize";

    /** ImageNet as its official archives. */
    public static final String IMAGENET = "s3://" + BUCKET + "/imagenet";

    /** ImageNet as class folders. */
    public static final String IMAGENET_FOLDERS = "s3://" + BUCKET + "/imagenet-folders";

    /** VOC as its official archives. */
    public static final String VOC = "s3://" + BUCKET + "/voc";

    private static final String HELP = """
            fullsize-server [--port N] [--delay MS] [--bandwidth MB] [--folder DIR] [--small]

            S3 on loopback with ImageNet and VOC of the real size, and room for what is written.

              --port N        port; 9900 by default
              --delay MS      milliseconds before each answer; 0 by default
              --bandwidth MB  megabytes a second in each direction; 0, the default, is no limit
              --folder DIR    keeps what is written; fullsize-server.objects by default
              --small         a few hundred images instead
            """;

    private final ObjectServer server;

    private FullSizeServer(ObjectServer server) {
        this.server = server;
    }

    /**
     * Size of the data sets.
     *
     * @param vocDivisor 1 for VOC's real number of images, 100 for a hundredth
     * @param largeImages whether some images are as large as in ImageNet, up to 3264x2448
     */
    public record Scale(int classes, int trainImages, int validationImages, int vocDivisor, boolean largeImages) {
        /** The real size. */
        public static final Scale FULL = new Scale(1000, 1_281_167, 50_000, 1, true);

        /** A size for tests. */
        public static final Scale SMALL = new Scale(12, 300, 60, 500, false);
    }

    /**
     * Starts a server.
     *
     * @param folder keeps what is written; a later server with the same scale goes on with it
     * @param delay time before each answer
     * @param bytesPerSecond bandwidth of each direction; 0 for no limit
     * @param port 0 for a free one
     */
    public static FullSizeServer start(Scale scale, Path folder, Duration delay, long bytesPerSecond, int port)
            throws IOException {
        ImagePool pool = scale.largeImages() ? ImagePool.full() : ImagePool.small();
        Imagenet imagenet = new Imagenet(pool, scale.classes(), scale.trainImages(), scale.validationImages());
        Map<String, KeyedObjects> computed = new HashMap<>();
        computed.put(prefix(IMAGENET), imagenet.archives());
        computed.put(prefix(IMAGENET_FOLDERS), imagenet.folders());
        computed.put(prefix(VOC), new Voc(pool, scale.vocDivisor()).archives());
        StoredObjects stored = new StoredObjects(folder, pool);
        return new FullSizeServer(new ObjectServer(computed, stored, new Network(delay, bytesPerSecond), port));
    }

    private static String prefix(String uri) {
        return uri.substring("s3://".length()) + "/";
    }

    public String endpoint() {
        return server.endpoint();
    }

    public Traffic traffic() {
        return server.traffic();
    }

    @Override
    public void close() {
        server.close();
    }

    /** Runs until it is stopped, and prints the traffic every minute. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT);
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            boolean flag = arguments[i].equals("--small");
            boolean value = arguments[i].matches("--(port|delay|bandwidth|folder)") && i + 1 < arguments.length;
            if (!flag && !value) {
                System.err.print(HELP);
                System.exit(2);
            }
            options.put(arguments[i], flag ? "" : arguments[++i]);
        }
        FullSizeServer server = start(
                options.containsKey("--small") ? Scale.SMALL : Scale.FULL,
                Path.of(options.getOrDefault("--folder", "fullsize-server.objects")),
                Duration.ofMillis(Long.parseLong(options.getOrDefault("--delay", "0"))),
                Long.parseLong(options.getOrDefault("--bandwidth", "0")) * 1_000_000,
                Integer.parseInt(options.getOrDefault("--port", "9900")));
        System.out.printf(
                "%s serves %s, %s and %s; keys of any value are accepted%n",
                server.endpoint(), IMAGENET, IMAGENET_FOLDERS, VOC);
        while (true) {
            Thread.sleep(Duration.ofMinutes(1).toMillis());
            Runtime runtime = Runtime.getRuntime();
            System.out.printf(
                    "%s heap_mb=%d%n", server.traffic(), (runtime.totalMemory() - runtime.freeMemory()) >> 20);
        }
    }
}
