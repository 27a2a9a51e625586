package dev.moco.training.engine;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Vector 52: LARS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LarsVectorTest {
    private final JsonNode file = Vectors.read("52_lars.json");
    private final double momentum = file.get("momentum").doubleValue();
    private final double eta = file.get("eta").doubleValue();
    private final List<String> names = StreamSupport.stream(file.get("names").spliterator(), false)
            .map(JsonNode::textValue)
            .toList();
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program = TorchProgram.compile(Device.cpu(), "/dev/moco/training/resnet/lars.py");

    @AfterAll
    void free() {
        program.close();
        manager.close();
    }

    @Test
    void everyStepIsTheReferences() {
        for (JsonNode run : file.get("runs")) {
            NDArray parameters = manager.create(flat(file.get("w0")));
            NDArray velocity = parameters.zerosLike();
            for (JsonNode step : run.get("steps")) {
                double[] ratios = program.call(
                                manager,
                                "lars_step",
                                parameters,
                                velocity,
                                manager.create(flat(step.get("grad"))),
                                lengths(),
                                names.stream()
                                        .mapToLong(name -> adapted(name) ? 1 : 0)
                                        .toArray(),
                                step.get("lr").doubleValue(),
                                momentum,
                                run.get("weight_decay").doubleValue())
                        .singletonOrThrow()
                        .toDoubleArray();
                assertThat(ratios).containsExactly(flat(step.get("trust_ratio")), within(1e-10));
                assertClose(velocity.toDoubleArray(), step.get("momentum_after"));
                assertClose(parameters.toDoubleArray(), step.get("param_after"));
            }
        }
    }

    @Test
    void shapesAreThoseOfTheNumbers() {
        for (String name : names) {
            int size = Arrays.stream(doubles(file.get("shapes").get(name)))
                    .mapToInt(length -> (int) length)
                    .reduce(1, Math::multiplyExact);
            assertThat(doubles(file.get("w0").get(name))).hasSize(size);
        }
    }

    /** Forms that other programs have; the popular one takes the ratio of the velocity. Each ends elsewhere. */
    private enum OtherForm {
        PAPER_DENOMINATOR,
        RATE_OUTSIDE_MOMENTUM,
        NESTEROV,
        POPULAR,
        NO_EXCLUSION
    }

    @ParameterizedTest
    @EnumSource
    void otherFormsEndElsewhere(OtherForm form) {
        JsonNode run = file.get("runs").get(1);
        double[] ours = flat(run.get("steps").get(run.get("steps").size() - 1).get("param_after"));
        double[] other = IntStream.range(0, names.size())
                .mapToObj(i -> otherForm(form, names.get(i), run))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        String name = form.name().toLowerCase(Locale.ROOT);
        assertClose(other, file.get("contrast_final_param_wd_0.01").get(name));
        assertThat(other).isNotEqualTo(ours);
    }

    private double[] otherForm(OtherForm form, String name, JsonNode run) {
        double decay = run.get("weight_decay").doubleValue();
        boolean adapted = form == OtherForm.NO_EXCLUSION || adapted(name);
        double[] w = doubles(file.get("w0").get(name));
        double[] v = new double[w.length];
        for (JsonNode step : run.get("steps")) {
            double[] raw = doubles(step.get("grad").get(name));
            double[] g = raw.clone();
            Arrays.setAll(g, i -> raw[i] + (adapted ? decay * w[i] : 0));
            double rate = step.get("lr").doubleValue();
            boolean rateOutside = form == OtherForm.RATE_OUTSIDE_MOMENTUM;
            double denominator = form == OtherForm.PAPER_DENOMINATOR ? norm(raw) + decay * norm(w) : norm(g);
            double trust = form == OtherForm.POPULAR ? 1 : trust(adapted, w, denominator);
            for (int i = 0; i < w.length; i++) {
                v[i] = momentum * v[i] + (rateOutside || form == OtherForm.POPULAR ? 1 : rate) * trust * g[i];
            }
            double later = form == OtherForm.POPULAR ? trust(adapted, w, norm(v)) : 1;
            for (int i = 0; i < w.length; i++) {
                w[i] -= switch (form) {
                    case NESTEROV -> momentum * v[i] + rate * trust * g[i];
                    case RATE_OUTSIDE_MOMENTUM, POPULAR -> rate * later * v[i];
                    case PAPER_DENOMINATOR, NO_EXCLUSION -> v[i];
                };
            }
        }
        return w;
    }

    private double trust(boolean adapted, double[] w, double denominator) {
        return adapted && norm(w) > 0 && denominator > 0 ? eta * norm(w) / denominator : 1;
    }

    private boolean adapted(String name) {
        return !name.startsWith("bn") && !name.endsWith("bias");
    }

    private long[] lengths() {
        return names.stream()
                .mapToLong(name -> doubles(file.get("w0").get(name)).length)
                .toArray();
    }

    private double[] flat(JsonNode byName) {
        return names.stream()
                .flatMapToDouble(name -> Arrays.stream(doubles(byName.get(name))))
                .toArray();
    }

    private void assertClose(double[] found, JsonNode byName) {
        assertThat(found).containsExactly(flat(byName), within(1e-10));
    }

    private static double norm(double[] numbers) {
        return Math.sqrt(Arrays.stream(numbers).map(x -> x * x).sum());
    }
}
