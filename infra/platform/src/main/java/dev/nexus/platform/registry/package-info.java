/// The schemas of the topics for programs that read Kafka, as a Schema Registry gives them; reading
/// only. Depends on `event-schemas`, `platform.stream` for the names of topics, `platform.docs` to
/// describe its calls, and Micronaut.
@NullMarked
package dev.nexus.platform.registry;

import org.jspecify.annotations.NullMarked;
