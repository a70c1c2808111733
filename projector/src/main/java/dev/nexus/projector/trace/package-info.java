/// Traces: the facts of executions as spans of OpenTelemetry, sent to a receiver. Depends on
/// `event-schemas` and `platform`.
@NullMarked
package dev.nexus.projector.trace;

import org.jspecify.annotations.NullMarked;
