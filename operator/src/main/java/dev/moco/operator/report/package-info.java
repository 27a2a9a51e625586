/** Results of an experiment as status, table, Markdown and HTML; pure functions of configuration and manifests. */
@NullMarked
package dev.moco.operator.report;

import org.jspecify.annotations.NullMarked;
