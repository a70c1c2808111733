/// Kafka as Nexus uses it: client settings, producers and readers of events, followers of
/// compacted topics, and the generic processor that decides, applies and writes. Depends on
/// `event-schemas` for bytes, never on what events mean.
@NullMarked
package dev.nexus.platform.stream;

import org.jspecify.annotations.NullMarked;
