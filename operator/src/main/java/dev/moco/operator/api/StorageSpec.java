package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Location of results, and the way pods reach it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StorageSpec(
        @JsonPropertyDescription("The bucket: 3 to 63 lower-case letters, digits, dots and dashes.")
        @Rule("must be a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes")
        @Required
        @Pattern(Syntax.BUCKET)
        @Size(max = Syntax.LABEL_LENGTH)
        @Immutable(StorageSpec.WHERE)
        String bucket,

        @JsonPropertyDescription(
                "Beginning of all keys in the bucket, without a slash at its ends. Experiments with the same bucket"
                        + " and prefix share stages.")
        @Rule("must not begin or end with a slash")
        @Default("\"\"")
        @Pattern(Syntax.PREFIX)
        @Size(max = Syntax.PREFIX_LENGTH)
        @Immutable(StorageSpec.WHERE)
        String prefix,

        @JsonPropertyDescription("URL of an S3 server that is not AWS: http(s)://host[:port]. Without it, AWS is used.")
        @Rule("must be a URL: http(s)://host[:port]")
        @Pattern(Syntax.ENDPOINT)
        @Size(max = Syntax.TEXT_LENGTH)
        @Immutable(StorageSpec.WHERE)
        @Nullable
        String endpoint,

        @Changes(Changes.PODS)
        @JsonPropertyDescription(
                "Region, such as us-east-1. Without it, the AWS SDK finds it; with an endpoint it is us-east-1.")
        @Rule("must be a region, such as us-east-1")
        @Pattern(Syntax.REGION)
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String region,

        @Changes(Changes.PODS)
        @JsonPropertyDescription(
                "True names the bucket in the URL's path, false in its host. Defaults to true with an endpoint, and to"
                        + " false without.")
        @Nullable
        Boolean pathStyle,

        @Changes(Changes.PODS)
        @JsonPropertyDescription("False sends and verifies none of the SDK's checksums, for servers that refuse them.")
        @Default("true")
        Boolean checksums,

        @Changes(Changes.PODS)
        @JsonPropertyDescription(
                "Secret of the same namespace with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and"
                        + " optionally AWS_SESSION_TOKEN. The operator must be allowed to read it. Without it, pods and"
                        + " operator use their own identities, where the operator allows that (--allow-bucket).")
        @Rule("must be the name of a Secret")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String credentialsSecret,

        @Changes(Changes.PODS)
        @JsonPropertyDescription(
                "ServiceAccount of the pods, for those with an identity of their own at the store. Without it, the"
                        + " namespace's default is used.")
        @Rule("must be the name of a ServiceAccount")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String serviceAccountName,

        @UnknownFields @Nullable Map<String, Object> unknown) {
    static final String WHERE = "It says where results lie";
}
