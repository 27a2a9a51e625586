package dev.moco.contract;

/**
 * Arithmetic of the paper's Table 3: memory of a GPU and time of 200 epochs on 8 GPUs. The paper does not say how either was
 * measured; 93.0 is its estimate, on a straight line through the other end-to-end row.
 */
public final class Table3 {
    /** Training images of ImageNet. */
    public static final long IMAGES = 1_281_167;

    public static final int EPOCHS = 200;
    public static final int GPUS = 8;

    private static final int FLOAT = 4;
    private static final int SECONDS = 3600;

    private Table3() {}

    /** Passes that a step makes over each of its images, in units of one encoder's forward pass; a backward pass is two. */
    public enum Mechanism {
        /** Query forward and backward, key forward. */
        MOCO(4, 1),
        /** Both encoders forward and backward. */
        END_TO_END(6, 2);

        private final int units;
        private final int trained;

        Mechanism(int units, int trained) {
            this.units = units;
            this.trained = trained;
        }

        public int units() {
            return units;
        }

        /**
         * Bytes of weights of two encoders, and of gradient and velocity of those that are trained.
         *
         * @param parameters of one encoder
         */
        public long stateBytes(long parameters) {
            return FLOAT * parameters * (2 + 2L * trained);
        }
    }

    /** Steps of 200 epochs, without the last, incomplete batch of each. */
    public static long steps(int batchSize) {
        return IMAGES / batchSize * EPOCHS;
    }

    /**
     * Time of a row.
     *
     * @param hours wall clock of 200 epochs
     */
    public record Time(int batchSize, double hours) {
        /** Time of 200 epochs, projected from that of one step. */
        public static Time projected(int batchSize, double secondsPerStep) {
            return new Time(batchSize, secondsPerStep * steps(batchSize) / SECONDS);
        }

        public double secondsPerStep() {
            return hours * SECONDS / steps(batchSize);
        }

        public double imagesPerSecond() {
            return batchSize / secondsPerStep();
        }

        public double gpuHours() {
            return hours * GPUS;
        }
    }

    /**
     * The time of a step as a part that any mechanism takes (loading, exchange), and passes over the encoder.
     *
     * @param passSeconds seconds of one forward pass
     * @param otherSeconds seconds of everything else
     */
    public record StepTime(double passSeconds, double otherSeconds) {
        /** The two unknowns, from the times of both mechanisms at the same batch. */
        public static StepTime of(Time moco, Time endToEnd) {
            double more = endToEnd.secondsPerStep() - moco.secondsPerStep();
            double pass = more / (Mechanism.END_TO_END.units() - Mechanism.MOCO.units());
            return new StepTime(pass, moco.secondsPerStep() - Mechanism.MOCO.units() * pass);
        }
    }

    /**
     * Memory of a GPU as a line over the batch, in the unit of the rows that it goes through.
     *
     * @param fixed memory that does not depend on the batch
     * @param perImages memory of 32 images of a GPU
     */
    public record MemoryLine(double fixed, double perImages) {
        private static final double IMAGES_A_GPU = 32;

        /** The line through two rows. */
        public static MemoryLine through(int batch1, double memory1, int batch2, double memory2) {
            double perImages = (memory2 - memory1) / (units(batch2) - units(batch1));
            return new MemoryLine(memory1 - perImages * units(batch1), perImages);
        }

        public double at(int batchSize) {
            return fixed + perImages * units(batchSize);
        }

        private static double units(int batchSize) {
            return batchSize / (GPUS * IMAGES_A_GPU);
        }
    }

    /** Bytes of both views' outputs of the whole batch, which every GPU holds. */
    public static long embeddingBytes(int batchSize, int dimension) {
        return 2L * FLOAT * batchSize * dimension;
    }

    /** Bytes of a GPU's logits in the end-to-end mechanism: its queries against all keys. */
    public static long inBatchLogitBytes(int batchSize) {
        return (long) FLOAT * (batchSize / GPUS) * batchSize;
    }

    /** Bytes of a GPU's logits in NT-Xent: its views against all views. */
    public static long ntXentLogitBytes(int batchSize) {
        return 4 * inBatchLogitBytes(batchSize);
    }
}
