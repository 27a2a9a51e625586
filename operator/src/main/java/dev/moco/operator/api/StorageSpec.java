package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Where results lie, and how pods get there. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageSpec(
        @JsonPropertyDescription(
                "The bucket: 3 to 63 lower-case letters, digits, dots and dashes. Required where storage is given."
                        + " Immutable.")
        @Required
        @Pattern(Syntax.BUCKET)
        @Size(max = Syntax.LABEL_LENGTH)
        @Immutable(StorageSpec.WHERE)
        String bucket,

        @JsonPropertyDescription(
                "What keys in the bucket begin with, without a slash at its ends. Experiments with the same bucket and"
                        + " prefix share stages. Left out, it is empty. Immutable.")
        @Default("\"\"")
        @Pattern(Syntax.PREFIX)
        @Size(max = Syntax.PREFIX_LENGTH)
        @Immutable(StorageSpec.WHERE)
        @Nullable
        String prefix,

        @JsonPropertyDescription(
                "URL of an S3 server that is not AWS: http(s)://host[:port]. Left out, it is AWS. Immutable.")
        @Pattern(Syntax.ENDPOINT)
        @Size(max = Syntax.TEXT_LENGTH)
        @Immutable(StorageSpec.WHERE)
        @Nullable
        String endpoint,

        @JsonPropertyDescription(
                "Region, such as us-east-1. Left out, the AWS SDK finds it; with an endpoint it is us-east-1.")
        @Pattern(Syntax.REGION)
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String region,

        @JsonPropertyDescription(
                "True names the bucket in the URL's path, false in its host. Left out, it is true with an endpoint.")
        @Nullable
        Boolean pathStyle,

        @JsonPropertyDescription(
                "False sends and checks no checksums of the SDK, for servers that refuse them. Left out, it is true.")
        @Default("true")
        @Nullable
        Boolean checksums,

        @JsonPropertyDescription(
                "Secret of the same namespace with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and maybe"
                        + " AWS_SESSION_TOKEN. The operator must be allowed to read it. Left out, pods use their own"
                        + " identity.")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String credentialsSecret,

        @JsonPropertyDescription(
                "ServiceAccount of the pods, for those with an identity of their own at the store. Left out, it is the"
                        + " namespace's default.")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String serviceAccountName) {
    static final String WHERE = "It says where results lie";
}
