package dev.moco.operator.spec;

import dev.moco.contract.StoreLocation;
import dev.moco.operator.api.Syntax;
import dev.moco.operator.plan.Policy.Access;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code spec.storage}: where results lie, and how pods get there.
 *
 * @param store null leaves it to the driver
 * @param access credentials and identity of pods
 */
record StorageFields(@Nullable StoreLocation store, Access access) {
    static StorageFields read(Fields fields) {
        Optional<String> bucket = fields.text(
                "bucket",
                Syntax.LABEL_LENGTH,
                Syntax.BUCKET,
                "must be a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes");
        Optional<String> prefix =
                fields.text("prefix", Syntax.PREFIX_LENGTH, Syntax.PREFIX, "must not begin or end with a slash");
        Optional<String> endpoint =
                fields.text("endpoint", Syntax.TEXT_LENGTH, Syntax.ENDPOINT, "must be a URL: http(s)://host[:port]");
        Optional<String> region =
                fields.text("region", Syntax.LABEL_LENGTH, Syntax.REGION, "must be a region, such as us-east-1");
        boolean pathStyle = fields.flag("pathStyle", endpoint.isPresent());
        boolean checksums = fields.flag("checksums", true);
        Access access = new Access(
                fields.text("credentialsSecret", Syntax.NAME_LENGTH, Syntax.NAME, "must be the name of a Secret"),
                fields.text(
                        "serviceAccountName", Syntax.NAME_LENGTH, Syntax.NAME, "must be the name of a ServiceAccount"));
        if (fields.present() && !fields.has("bucket")) {
            fields.broken("bucket", "must be given", "nothing");
        }
        fields.refuseOthers();
        return new StorageFields(
                bucket.map(name -> new StoreLocation(
                                name,
                                prefix.orElse(""),
                                endpoint.orElse(null),
                                region.orElse(null),
                                pathStyle,
                                checksums))
                        .orElse(null),
                access);
    }
}
