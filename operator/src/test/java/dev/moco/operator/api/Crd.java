package dev.moco.operator.api;

import dev.moco.operator.spec.SpecField;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.CRDOutput;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The custom resource definition: Fabric8's schema of the records, with additions that Fabric8 has no
 * annotation for.
 */
final class Crd {
    private static final String HEAD = """
            # Generated from operator/src/main/java/dev/moco/operator/api; renew it with
            #   %s
            """.formatted(CrdTest.RENEW);

    private Crd() {}

    /** The text of {@code manifests/crd/mocoexperiments.moco.dev-v1.yml}. */
    static String yaml() {
        try (Memory memory = new Memory()) {
            new CRDGenerator()
                    .forCRDVersions("v1")
                    .customResourceClasses(MoCoExperiment.class)
                    .withMinQuotes(true)
                    .withPostProcessor(new CRDPostProcessor() {
                        @Override
                        public HasMetadata process(HasMetadata crd, String version) {
                            finish((CustomResourceDefinition) crd);
                            return crd;
                        }
                    })
                    .withOutput(memory)
                    .generate();
            String text = memory.bytes.toString(StandardCharsets.UTF_8);
            return HEAD + plainBounds(text.substring(text.indexOf("apiVersion")));
        }
    }

    /** Bounds are doubles to Fabric8, which writes 1.0E8. */
    private static String plainBounds(String yaml) {
        return Pattern.compile("(?<=(?:maximum|minimum): )[0-9.E]+")
                .matcher(yaml)
                .replaceAll(bound ->
                        new BigDecimal(bound.group()).stripTrailingZeros().toPlainString());
    }

    private static void finish(CustomResourceDefinition crd) {
        CustomResourceDefinitionVersion version = crd.getSpec().getVersions().get(0);
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        root.setDescription(
                "One experiment with MoCo: pre-training, linear classification on ImageNet, detection on VOC.");
        root.setRequired(List.of("spec"));
        // The name becomes a label's value and part of keys in the store.
        JSONSchemaProps metadata = new JSONSchemaProps();
        metadata.setType("object");
        metadata.setProperties(Map.of("name", name()));
        root.getProperties().put("metadata", metadata);
        dropRepeatedRules(root);
        describe(property(root, "spec"), MoCoExperimentSpec.class, "");
        ImmutableFields.freeze(property(root, "spec"), MoCoExperimentSpec.class);
        RenamedFields.refuse(property(root, "spec"));
        LeftOutFields.refuse(property(root, "spec"));
        ChosenFieldRules.add(property(root, "spec"));
        JSONSchemaProps status = property(root, "status");
        byKey(status, "conditions", "type");
        byKey(status, "stages", "name");
        byKey(status, "data", "name");
        version.setAdditionalPrinterColumns(columns(version.getAdditionalPrinterColumns()));
    }

    /**
     * Adds bounds, defaults and effects of changes to descriptions. Unknown fields are no part of the schema, though records hold
     * them for the reader.
     */
    private static void describe(JSONSchemaProps schema, Class<?> record, String changeOfGroup) {
        schema.setXKubernetesPreserveUnknownFields(null);
        for (SpecField field : SpecField.of(record)) {
            JSONSchemaProps property = property(schema, field.name());
            String change = field.change().orElse(changeOfGroup);
            property.setDescription(Stream.of(property.getDescription(), field.sentences(), change)
                    .filter(text -> text != null && !text.isEmpty())
                    .collect(Collectors.joining(" ")));
            if (field.type().isRecord()) {
                describe(property, field.type(), change);
            } else if (field.type() == List.class && field.items().type().isRecord()) {
                describe(property.getItems().getSchema(), field.items().type(), change);
            }
        }
    }

    /** A record's annotations stand on its field and on its accessor, and Fabric8 takes the rules of both. */
    private static void dropRepeatedRules(JSONSchemaProps schema) {
        schema.setXKubernetesValidations(
                schema.getXKubernetesValidations().stream().distinct().toList());
        if (schema.getProperties() != null) {
            schema.getProperties().values().forEach(Crd::dropRepeatedRules);
        }
    }

    /** In the order of the annotations: Fabric8 sorts columns by their paths. */
    private static List<CustomResourceColumnDefinition> columns(List<CustomResourceColumnDefinition> sorted) {
        return Arrays.stream(MoCoExperiment.class.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(annotation -> sorted.stream()
                        .filter(column -> column.getName().equals(annotation.name()))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return Objects.requireNonNull(schema.getProperties().get(name), name);
    }

    private static JSONSchemaProps name() {
        JSONSchemaProps name = new JSONSchemaProps();
        name.setType("string");
        name.setMaxLength((long) Syntax.LABEL_LENGTH);
        name.setPattern(Syntax.LABEL);
        return name;
    }

    /** A list whose items are identified by a field, so that writers of different items do not overwrite each other. */
    private static void byKey(JSONSchemaProps parent, String list, String key) {
        JSONSchemaProps schema = property(parent, list);
        schema.setXKubernetesListType("map");
        schema.setXKubernetesListMapKeys(List.of(key));
    }

    private static final class Memory implements CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String name) {
            return bytes;
        }

        @Override
        public void close() {}
    }
}
