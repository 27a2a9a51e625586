package dev.moco.contract;

import java.util.Set;

/** The 20 classes of PASCAL VOC. */
public final class VocClasses {
    /** Their names in the order of their labels, as the JSON that a default of the schema is. */
    public static final String JSON = """
            ["aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",\
             "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"]""";

    public static final Set<String> NAMES =
            Set.of(JSON.replaceAll("[^a-z,]", "").split(","));

    private VocClasses() {}
}
