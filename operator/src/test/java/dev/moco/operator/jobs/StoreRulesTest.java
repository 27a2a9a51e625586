package dev.moco.operator.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreRulesTest {
    private static final StoreLocation OWN = new StoreLocation("experiments", "moco", null, null, false, true);

    @Test
    void eachNamespaceHasItsOwnPrefixOfTheOperatorsStore() {
        OperatorConfig config = config(Optional.of("moco-s3"), false);
        assertThat(access("lab", "{}", config)).isEqualTo("s3://experiments/moco/lab");
        assertThat(access("other", "{}", config)).isEqualTo("s3://experiments/moco/other");
        assertThat(new StoreRules(
                                Optional.of(StoreLocation.of("--store", "s3://bare")),
                                Optional.empty(),
                                false,
                                List.of(),
                                List.of())
                        .own("lab")
                        .map(StoreAccess::uri))
                .contains("s3://bare/lab");
    }

    @Test
    void namespacesShareThePrefixOnceSharingIsSwitchedOn() {
        OperatorConfig config = config(Optional.of("moco-s3"), true);
        assertThat(access("lab", "{}", config)).isEqualTo("s3://experiments/moco");
        assertThat(access("other", "{}", config)).isEqualTo("s3://experiments/moco");
    }

    @ParameterizedTest(name = "{0} with {1}: {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "bucket: b11                                    | -                  | -",
                "bucket: b11, endpoint: 'http://10.0.0.1:9000'  | -                  | -",
                "bucket: b11                                    | aws                | -",
                "bucket: b11                                    | https://s3.lab     | aws",
                "bucket: b11, endpoint: 'https://s3.lab'        | aws,https://s3.lab | -",
                "bucket: b11, endpoint: 'https://s3.lab/'       | https://s3.lab     | -",
                "bucket: b11, endpoint: 'https://s3.lab'        | https://s3.lab/    | -",
                "bucket: b11, endpoint: 'http://s3.lab'         | https://s3.lab     | http://s3.lab",
                "bucket: b11, endpoint: 'https://s3.lab:8443'   | https://s3.lab     | https://s3.lab:8443",
                "bucket: b11, endpoint: 'https://s3.lab.evil'   | https://s3.lab     | https://s3.lab.evil",
                "bucket: b11, endpoint: 'https://s3.lab@evil'   | https://s3.lab     | https://s3.lab@evil",
                "bucket: b11, endpoint: 'http://169.254.169.254'| aws,https://s3.lab | http://169.254.169.254",
            })
    void aStoreWithASecretIsAtAServerThatTheOperatorAllows(
            String storage, @Nullable String allow, @Nullable String found) {
        assertThat(refusal("storage: {credentialsSecret: s3, " + storage.strip() + "}", list(allow), List.of()))
                .isEqualTo(Optional.ofNullable(found)
                        .map(endpoint -> "spec.storage.endpoint must be one that this operator allows"
                                + " (--allow-endpoint), found " + endpoint + "; allowed are "
                                + String.join(", ", list(allow)).replaceAll("/$", "")));
    }

    @ParameterizedTest(name = "{0} with {1}: {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "bucket: b11                               | -                   | s3://b11",
                "bucket: b11                               | s3://b1             | s3://b11",
                "bucket: b11                               | s3://b11            | -",
                "bucket: b11, prefix: p                    | s3://b11/p          | -",
                "bucket: b11, prefix: p/q                  | s3://b11/p/         | -",
                "bucket: b11, prefix: pq                   | s3://b11/p          | s3://b11/pq",
                "bucket: b11, prefix: p/../q               | s3://b11/p          | s3://b11/p/../q",
                "bucket: b11, endpoint: 'https://s3.lab'   | s3://b11            | https://s3.lab/b11",
                "bucket: b11, endpoint: 'https://s3.lab'   | https://s3.lab/b11  | -",
                "bucket: team-lab                          | s3://team-{namespace} | -",
                "bucket: team-other                        | s3://team-{namespace} | s3://team-other",
                // The operator's own store, but not that of another namespace.
                "bucket: experiments, prefix: moco/lab     | -                   | -",
                "bucket: experiments, prefix: moco         | -                   | s3://experiments/moco",
                "bucket: experiments, prefix: moco/other   | -                   | s3://experiments/moco/other",
            })
    void aStoreWithoutASecretIsReadWithTheOperatorsIdentityOnlyWhereThatIsAllowed(
            String storage, @Nullable String allow, @Nullable String found) {
        List<String> buckets = new ArrayList<>(list(allow));
        // Raw data of a server of its own is allowed here.
        buckets.addAll(List.of("s3://raw/in", "https://s3.lab/raw"));
        assertThat(refusal("storage: {" + storage.strip() + "}", List.of(), buckets))
                .isEqualTo(Optional.ofNullable(found)
                        .map(uri -> "spec.storage.credentialsSecret must be given: without it the operator would read "
                                + uri + " with its own identity; allowed are the operator's own store, "
                                + String.join(", ", buckets) + " (--allow-bucket)"));
    }

    @Test
    void rawDataIsReadWithTheOperatorsIdentityOnlyWhereThatIsAllowed() {
        assertThat(refusal("linear: {enabled: true}", List.of(), List.of()))
                .contains("spec.data names s3://raw/in, which the operator would read with its own identity; allowed"
                        + " are the operator's own store (--allow-bucket)");
        assertThat(refusal("linear: {enabled: true}", List.of(), List.of("s3://raw/in")))
                .isEmpty();
        assertThat(refusal("linear: {enabled: true}", List.of(), List.of("s3://raw/out")))
                .isPresent();
        Reading reading = reading("{}");
        assertThat(StoreAccess.refusal("lab", reading.experiment(), reading.policy(), config(Optional.of("s3"), false)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3:/b", "s3://", "b11", "ftp://host/b", "https://s3.lab", "https://a@b/c", "*"})
    void aBadBucketIsRefused(String url) {
        assertThatThrownBy(() -> new AllowedBucket(url))
                .isInstanceOf(StageFailure.class)
                .hasMessage("--allow-bucket must be s3://bucket[/prefix] or http(s)://host[:port]/bucket[/prefix],"
                        + " found \"" + url + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://", "AWS", "https://", "https://s3.lab/b11", "https://a@b"})
    void aBadEndpointIsRefused(String url) {
        assertThatThrownBy(() -> new StoreRules(Optional.empty(), Optional.empty(), false, List.of(url), List.of()))
                .isInstanceOf(StageFailure.class)
                .hasMessage("--allow-endpoint must be http(s)://host[:port] or aws, found \"" + url + "\"");
    }

    private static List<String> list(@Nullable String values) {
        return values == null ? List.of() : List.of(values.split(","));
    }

    /** Refusal of an experiment in namespace lab by an operator that has the identity of its pod. */
    private static Optional<String> refusal(String spec, List<String> endpoints, List<String> buckets) {
        Reading reading = reading(spec);
        List<AllowedBucket> allowed = buckets.stream().map(AllowedBucket::new).toList();
        return StoreAccess.refusal(
                "lab",
                reading.experiment(),
                reading.policy(),
                config(new StoreRules(Optional.of(OWN), Optional.empty(), false, endpoints, allowed)));
    }

    private static String access(String namespace, String spec, OperatorConfig config) {
        Reading reading = reading(spec);
        return StoreAccess.of(namespace, reading.experiment(), reading.policy(), config)
                .orElseThrow()
                .uri();
    }

    private static OperatorConfig config(Optional<String> secret, boolean shared) {
        return config(new StoreRules(Optional.of(OWN), secret, shared, List.of(), List.of()));
    }

    private static OperatorConfig config(StoreRules stores) {
        return new OperatorConfig("image", Optional.empty(), Optional.empty(), stores);
    }

    private static Reading reading(String spec) {
        String fields = spec.equals("{}") ? "" : "  " + spec + "\n";
        try {
            return ExperimentReader.read(
                    new YAMLMapper()
                            .readTree("apiVersion: moco.dev/v1alpha1\nkind: MoCoExperiment\nmetadata: {name: x}\n"
                                    + "spec:\n  data: {imagenet: s3://raw/in}\n  detection: {enabled: false}\n"
                                    + fields),
                    Optional.empty());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
