package dev.nexus.projector.trace;

import dev.nexus.event.task.Usage;
import java.time.Instant;

/// How a task ended.
///
/// @param failure "" for none
/// @param instance executor that did it, "" for nobody
/// @param at when the executor had done it
/// @param written when the log took what came of it
record WorkEnd(
    String result, String failure, String instance, Usage usage, Instant at, Instant written) {}
