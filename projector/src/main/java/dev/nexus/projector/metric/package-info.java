/// What is counted about each component: calls, latencies, tokens, cost and agreement, by tier.
/// Pure: depends on `event-schemas`, the `store` package's mutations and the view of an execution.
@NullMarked
package dev.nexus.projector.metric;

import org.jspecify.annotations.NullMarked;
