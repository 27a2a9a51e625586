package dev.moco.contract;

import dev.moco.contract.MemoryNeed.Setting;

/** Memory of the steps of pre-training at their peak, bytes, by method. */
final class PretrainMemory {
    private static final int FLOAT = 4;

    /** Classes of ImageNet, for a head whose size the data gives. */
    private static final int CLASSES = 1000;

    /** Copies of an encoder's parameters: two of MoCo's, or one that is trained, with what a step needs besides. */
    private static final int COPIES_OF_PARAMETERS = 6;

    /** Likewise of two encoders that are trained, each with velocity and gradient, and of one with two gradients. */
    private static final int COPIES_OF_TWO = 9;

    private static final int COPIES_OF_SHARED = 7;

    /** Images whose features a kNN monitor compares with its bank at a time. */
    private static final long QUERIES = 64;

    /** Arrays as large as the logits that a loss and its gradient need at a time. */
    private static final int LOGITS_AT_A_TIME = 4;

    /** Arrays of the embeddings of the whole batch: gathered, sorted, and their gradients. */
    private static final int EMBEDDINGS_AT_A_TIME = 6;

    private final PretrainConfig config;
    private final Setting setting;
    private final int atOnce;
    /** Images of one process. */
    private final long images;

    private final long ranks;
    private final long pixels;

    private PretrainMemory(PretrainConfig config, Setting setting) {
        this.config = config;
        this.setting = setting;
        this.atOnce = setting.gpu()
                ? 1
                : Math.max(1, StepThreads.of(config, setting.threads()).ranks() / setting.devicesHere());
        this.images = config.batchSize() / setting.devices();
        this.ranks = Math.max(1, config.ranks() / setting.devices());
        this.pixels = 3L * config.imageSize() * config.imageSize();
    }

    /** Features of a bank of images, and the similarities of some queries to all of them. */
    static long bank(Architecture architecture, long images) {
        return images * (architecture.features() + QUERIES) * FLOAT;
    }

    static long of(PretrainConfig config, Setting setting) {
        return new PretrainMemory(config, setting).bytes();
    }

    private long bytes() {
        long bank = bank(config.architecture(), setting.bankImages());
        long views = MemoryNeed.views(config.method().views() * images, config.imageSize());
        PretrainMethod method = config.method();
        long step = method instanceof PretrainMethod.EndToEnd endToEnd
                ? endToEnd(endToEnd)
                : method instanceof PretrainMethod.SimClr
                        ? simClr()
                        : method instanceof PretrainMethod.Supervised supervised ? supervised(supervised) : moco();
        return step + bank + views;
    }

    private long moco() {
        long queue = (long) config.contrast().queueSize() * config.dimension();
        // Logits, their exponentials and their gradients.
        long logits = (long) LOGITS_AT_A_TIME * config.contrast().queueSize() * FLOAT;
        long ofRank = config.batchSize() / config.ranks();
        return state(COPIES_OF_PARAMETERS)
                + queue * FLOAT
                + gatheredViews()
                + atOnce * MemoryNeed.kept(ofRank * (maps() + logits));
    }

    /** A group of one encoder at a time, embeddings, and logits of a rank's images with all keys. */
    private long endToEnd(PretrainMethod.EndToEnd method) {
        long shuffled = images * pixels;
        long directions = method.symmetric() ? 2 : 1;
        long ofRank = config.batchSize() / config.ranks();
        return state(method.sharedEncoder() ? COPIES_OF_SHARED : COPIES_OF_TWO)
                + gatheredViews()
                + shuffled
                + groups(method.groupImages())
                + embeddings()
                + (ranks + LOGITS_AT_A_TIME * directions) * ofRank * config.batchSize() * FLOAT;
    }

    /**
     * Inputs of all batch norms of both views of the process's images are kept until the backward pass, where the gradient of
     * one layer at a time is as large for all views.
     */
    private long simClr() {
        Activations activations =
                Activations.ofEncoderOnGpu(config.architecture(), config.imageSize(), config.imageSize());
        long numbers = activations.tape() + MemoryNeed.MAPS_AT_A_TIME * activations.largest();
        long ofRank = config.batchSize() / config.ranks();
        return state(COPIES_OF_PARAMETERS)
                + MemoryNeed.kept(2 * images * (numbers * FLOAT + pixels))
                + embeddings()
                + (ranks + 2 * LOGITS_AT_A_TIME) * ofRank * 2 * config.batchSize() * FLOAT;
    }

    private long supervised(PretrainMethod.Supervised method) {
        return state(COPIES_OF_PARAMETERS) + groups(method.groupImages()) + LOGITS_AT_A_TIME * images * CLASSES * FLOAT;
    }

    /** Key views of all devices, which each of them receives. */
    private long gatheredViews() {
        return setting.devices() > 1 ? config.batchSize() * pixels : 0;
    }

    private long groups(int groupImages) {
        return atOnce * MemoryNeed.kept(groupImages * maps());
    }

    /** Embeddings of the whole batch, and for each rank the gradient that its loss gives them. */
    private long embeddings() {
        return (EMBEDDINGS_AT_A_TIME + 2 * ranks) * config.batchSize() * config.dimension() * FLOAT;
    }

    /** Activations of an image that is encoded with a graph. */
    private long maps() {
        int side = config.imageSize();
        Activations activations = setting.gpu()
                ? Activations.ofEncoderOnGpu(config.architecture(), side, side)
                : Activations.ofEncoder(config.architecture(), side, side, config.precision());
        return (activations.tape() + MemoryNeed.MAPS_AT_A_TIME * activations.largest())
                * config.precision().bytes();
    }

    /** Parameters; ranks that run beside others have a gradient of their own. */
    private long state(int copies) {
        return (copies + (atOnce > 1 ? atOnce : 0)) * (config.architecture().parameters() + head()) * FLOAT;
    }

    private long head() {
        long features = config.architecture().features();
        return switch (config.head()) {
            case FC -> features * config.dimension();
            case MLP, BATCH_NORM_MLP -> features * (features + config.dimension());
            case CLASSES -> features * CLASSES;
        };
    }
}
