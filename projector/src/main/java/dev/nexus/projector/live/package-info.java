/// The live stream: facts as they are written, to whoever listens. Depends on `platform.admission`,
/// `platform.stream`, the Kafka client and Reactive Streams.
@NullMarked
package dev.nexus.projector.live;

import org.jspecify.annotations.NullMarked;
