/** A table of the paper with our numbers, and its forms: text, Markdown, CSV, LaTeX, HTML. */
@NullMarked
package dev.moco.operator.report.table;

import org.jspecify.annotations.NullMarked;
