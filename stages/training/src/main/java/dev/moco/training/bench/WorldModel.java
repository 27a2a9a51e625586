package dev.moco.training.bench;

import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Head;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Rates that docs/performance.md expects of pre-training at the paper's size on GPUs with NVLink, by GPU. They are not
 * measured on several GPUs: a step of 32 images on one GPU is, of some, and the rates of the bus are those that others have
 * published for eight.
 */
@SuppressWarnings("ImmutableEnumChecker") // Pattern and Map.of
enum WorldModel {
    V100("V100-SXM", 125, Map.of(Precision.FLOAT32, 190.0)),
    A100("A100-SXM", 200, Map.of(Precision.TF32, 46.0)),
    H100("H100 80GB HBM3|H200$", 370, Map.of(Precision.FLOAT32, 45.3, Precision.TF32, 21.3, Precision.BFLOAT16, 18.8));

    /** Images whose decoding and views a core makes in a second. */
    private static final double LOADER_IMAGES = 246;

    private static final int DEVICES_OF_BUS = 8;

    private final Pattern name;
    /** Gigabytes a second, as nccl-tests counts them. */
    private final double busRate;
    /** Milliseconds of a step of 32 images, the rank of one GPU. */
    private final Map<Precision, Double> rankMillis;

    WorldModel(String name, double busRate, Map<Precision, Double> rankMillis) {
        this.name = Pattern.compile(name);
        this.busRate = busRate;
        this.rankMillis = rankMillis;
    }

    /** The model of a GPU; empty for another one, such as those on PCIe and with bridges. */
    static Optional<WorldModel> of(String gpu) {
        return Arrays.stream(values())
                .filter(model -> model.name.matcher(gpu).find())
                .findFirst();
    }

    /**
     * Bytes that a process exchanges with the others in a second, in gigabytes; empty for other arrays than gradient and views,
     * as small ones take longer, and for other numbers of GPUs than eight.
     */
    OptionalDouble busGigabytes(PretrainConfig config, String work, int devices) {
        boolean large =
                List.of(WorldCollectives.GRADIENT, WorldCollectives.VIEWS).contains(work);
        return large && isPaper(config) && devices == DEVICES_OF_BUS
                ? OptionalDouble.of(busRate)
                : OptionalDouble.empty();
    }

    /** Images of a step's second: ranks in turn, then the exchange; empty for what the paper does not train. */
    OptionalDouble imagesPerSecond(PretrainConfig config, int devices) {
        Double millis = rankMillis.get(config.precision());
        if (millis == null || !isPaper(config)) {
            return OptionalDouble.empty();
        }
        double sent = WorldCollectives.gradientBytes(config)
                        * WorldCollectives.bytesSent(WorldCollectives.GRADIENT, devices)
                + WorldCollectives.viewBytes(config) * WorldCollectives.bytesSent(WorldCollectives.VIEWS, devices);
        double seconds = millis / 1e3 * config.ranks() / devices + sent / (busRate * 1e9);
        return OptionalDouble.of(config.batchSize() / seconds);
    }

    /** Share of the time in which steps wait for a loader with a number of threads. */
    OptionalDouble waitShare(PretrainConfig config, int devices, int threads) {
        OptionalDouble images = imagesPerSecond(config, devices);
        return images.isPresent()
                ? OptionalDouble.of(Math.max(0, 1 - threads * LOADER_IMAGES / images.getAsDouble()))
                : images;
    }

    private static boolean isPaper(PretrainConfig config) {
        return config.architecture() == Architecture.RESNET50
                && config.head() == Head.MLP
                && config.imageSize() == 224
                && config.batchSize() == 256
                && config.ranks() == 8;
    }
}
