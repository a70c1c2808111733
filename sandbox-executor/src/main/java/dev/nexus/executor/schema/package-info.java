/// Outputs checked against their JSON Schema. Depends on `event-schemas` and `platform.call`.
@NullMarked
package dev.nexus.executor.schema;

import org.jspecify.annotations.NullMarked;
