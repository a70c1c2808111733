/// How events become bytes: flat Avro records in the Confluent wire format with CloudEvents
/// headers. Depends on `dev.nexus.event`, `dev.nexus.topic` and Avro only.
@NullMarked
package dev.nexus.wire;

import org.jspecify.annotations.NullMarked;
