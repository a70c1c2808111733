/// Keeps `nexus.executions` from growing for ever: deletes facts that are old, once nobody needs
/// them any more. Depends on `platform.snapshot`, `platform.stream` and Kafka's admin client.
@NullMarked
package dev.nexus.command.retention;

import org.jspecify.annotations.NullMarked;
