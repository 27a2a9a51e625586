package dev.moco.training.detect.input;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.VectorArrays;
import org.junit.jupiter.api.Test;

class GeometryVectorTest {
    @Test
    void imagesAreResizedByTheirShortestEdge() {
        JsonNode vector = Vectors.read("26_resize_shortest_edge.json");
        for (JsonNode example : vector.get("cases")) {
            assertThat(ResizedSize.shortestEdge(
                            example.get("w").asInt(),
                            example.get("h").asInt(),
                            example.get("short").asInt(),
                            vector.get("max_size").asInt()))
                    .isEqualTo(new ResizedSize(
                            example.get("new_w").asInt(), example.get("new_h").asInt()));
        }
    }

    @Test
    void boxesAreMirroredAndClipped() {
        JsonNode vector = Vectors.read("27_box_flip_clip.json");
        assertThat(VectorArrays.boxes(vector.get("box"))
                        .mirror(vector.get("flip_w").asDouble()))
                .hasToString(VectorArrays.boxes(vector.get("flipped")).toString());
        int[] size = VectorArrays.ints(vector.get("clip_hw"));
        Boxes clipped = VectorArrays.boxes(vector.get("box2")).clip(size[1], size[0]);
        assertThat(clipped)
                .hasToString(VectorArrays.boxes(vector.get("clipped")).toString());
        assertThat(clipped.nonEmpty()).containsExactly(0);
        assertThat(new Boxes(0, 0, 0, 5, 3, 3, 3, 3).nonEmpty()).isEmpty();
    }
}
