/** A page of a report as its template shows it: sections of tables, curves and pictures, without knowledge of experiments. */
@NullMarked
package dev.moco.operator.report.page;

import org.jspecify.annotations.NullMarked;
