package dev.moco.training.weights.exchange;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of a ResNet's tensors; each is stated as a function of torchvision's, which timm has too. */
public enum Naming {
    TORCHVISION("torchvision") {
        @Override
        Optional<String> block(int layer, int block, int convolution, String part) {
            throw new IllegalStateException("torchvision's names are not translated");
        }

        @Override
        Optional<String> stem(String part) {
            throw new IllegalStateException("torchvision's names are not translated");
        }

        @Override
        Optional<String> head(String part) {
            throw new IllegalStateException("torchvision's names are not translated");
        }

        @Override
        public Optional<String> of(String torchvision) {
            return Optional.of(torchvision);
        }
    },

    /** detectron2's, with the projection head where MoCo's converter leaves it. */
    DETECTRON2("detectron2") {
        @Override
        Optional<String> block(int layer, int block, int convolution, String part) {
            String of = convolution == SHORTCUT ? "shortcut" : "conv" + convolution;
            return Optional.of("res" + (layer + 1) + "." + block + "." + of + norm(part));
        }

        @Override
        Optional<String> stem(String part) {
            return Optional.of("stem.conv1" + norm(part));
        }

        @Override
        Optional<String> head(String part) {
            return Optional.of("stem.fc." + part);
        }

        private String norm(String part) {
            return part.equals(CONVOLUTION) ? ".weight" : ".norm." + part;
        }
    },

    /** Those of Hugging Face's transformers. */
    HUGGING_FACE("Hugging Face") {
        @Override
        Optional<String> block(int layer, int block, int convolution, String part) {
            String of = convolution == SHORTCUT ? "shortcut" : "layer." + (convolution - 1);
            return Optional.of("resnet.encoder.stages." + (layer - 1) + ".layers." + block + "." + of + kind(part));
        }

        @Override
        Optional<String> stem(String part) {
            return Optional.of("resnet.embedder.embedder" + kind(part));
        }

        @Override
        Optional<String> head(String part) {
            return part.contains(".") ? Optional.empty() : Optional.of("classifier.1." + part);
        }

        private String kind(String part) {
            return part.equals(CONVOLUTION) ? ".convolution.weight" : ".normalization." + part;
        }
    },

    /** Those of Caffe2, as Detectron's MSRA files have them; it does not count batches. */
    CAFFE2("Caffe2") {
        @Override
        Optional<String> block(int layer, int block, int convolution, String part) {
            String of = convolution == SHORTCUT ? "1" : "2" + (char) ('a' + convolution - 1);
            return kind(part).map(kind -> "res" + (layer + 1) + "_" + block + "_branch" + of + kind);
        }

        @Override
        Optional<String> stem(String part) {
            return part.equals(CONVOLUTION)
                    ? Optional.of("conv1_w")
                    : kind(part).map(kind -> "res_conv1" + kind);
        }

        @Override
        Optional<String> head(String part) {
            return part.contains(".") ? Optional.empty() : Optional.of("fc1000_" + part.charAt(0));
        }

        private Optional<String> kind(String part) {
            return Optional.ofNullable(KINDS.get(part));
        }
    };

    /** Part of a convolution's weight; other parts are of the batch norm after it. */
    private static final String CONVOLUTION = "";

    private static final int SHORTCUT = 0;

    private static final Map<String, String> KINDS = Map.of(
            CONVOLUTION, "_w", "weight", "_bn_s", "bias", "_bn_b", "running_mean", "_bn_rm", "running_var", "_bn_riv");

    private static final Pattern OF_STEM = Pattern.compile("(?:conv1|bn1\\.(\\w+))(?:(?<=conv1)\\.weight)?");
    private static final Pattern OF_BLOCK =
            Pattern.compile("layer(\\d)\\.(\\d+)\\.(?:(conv|bn)(\\d)|downsample\\.([01]))\\.(\\w+)");
    private static final Pattern OF_HEAD = Pattern.compile("fc\\.(.+)");

    private final String text;

    Naming(String text) {
        this.text = text;
    }

    /** The name of a program, for messages. */
    public String text() {
        return text;
    }

    abstract Optional<String> stem(String part);

    abstract Optional<String> block(int layer, int block, int convolution, String part);

    abstract Optional<String> head(String part);

    /** The name of torchvision's tensor; empty if these files do not have it. */
    public Optional<String> of(String torchvision) {
        Matcher stem = OF_STEM.matcher(torchvision);
        if (stem.matches()) {
            return stem(stem.group(1) == null ? CONVOLUTION : stem.group(1));
        }
        Matcher block = OF_BLOCK.matcher(torchvision);
        if (block.matches()) {
            boolean shortcut = block.group(5) != null;
            boolean norm =
                    shortcut ? block.group(5).equals("1") : block.group(3).equals("bn");
            return block(
                    Integer.parseInt(block.group(1)),
                    Integer.parseInt(block.group(2)),
                    shortcut ? SHORTCUT : Integer.parseInt(block.group(4)),
                    norm ? block.group(6) : CONVOLUTION);
        }
        Matcher head = OF_HEAD.matcher(torchvision);
        if (head.matches()) {
            return head(head.group(1));
        }
        throw new IllegalArgumentException("no tensor of torchvision's ResNets: " + torchvision);
    }
}
