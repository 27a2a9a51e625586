/**
 * From decisions to Jobs, and from Jobs and pods back to what was tried: functions of what informers hold. They make and
 * read Kubernetes' objects, and never call a server.
 */
@NullMarked
package dev.moco.operator.jobs;

import org.jspecify.annotations.NullMarked;
