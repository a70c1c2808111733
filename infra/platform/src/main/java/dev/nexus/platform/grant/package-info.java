/// What each who connects to the brokers needs to be allowed there, for clusters that ask: the one
/// table of it, and its rows as Kafka's own tool takes them. Depends on `event-schemas`,
/// `platform.stream` and Kafka's clients.
@NullMarked
package dev.nexus.platform.grant;

import org.jspecify.annotations.NullMarked;
