/// Kafka as Nexus uses it: client settings, topics, producers, readers of a topic's tail, followers
/// of small topics, and partitions owned by one instance. Knows topics and lanes, never what their
/// events mean. Depends on `event-schemas`, `platform.config`,
/// `platform.service` and Micrometer.
@NullMarked
package dev.nexus.platform.stream;

import org.jspecify.annotations.NullMarked;
