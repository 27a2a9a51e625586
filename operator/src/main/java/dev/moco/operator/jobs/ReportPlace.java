package dev.moco.operator.jobs;

import dev.moco.contract.ArtifactKey;

/** Place of an experiment's reports in the store: below its uid, so that no other experiment's are overwritten. */
public final class ReportPlace {
    public static final String HTML = "report.html";
    public static final String MARKDOWN = "report.md";

    private ReportPlace() {}

    /** Prefix within the store, with its slash. */
    public static String prefix(Owner owner) {
        return "v" + ArtifactKey.CONTRACT_VERSION + "/experiments/" + owner.namespace() + "/" + owner.name() + "/"
                + owner.uid() + "/";
    }

    /** URI of the HTML report. */
    public static String uri(StoreAccess store, Owner owner) {
        String prefix = store.location().prefix();
        return "s3://" + store.location().bucket() + "/" + (prefix.isEmpty() ? "" : prefix + "/") + prefix(owner)
                + HTML;
    }
}
