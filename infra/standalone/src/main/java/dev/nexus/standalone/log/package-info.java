/// Reading a topic as it stands on the log: for `./nexus events`, its export, and `doctor`. Depends
/// on `dev.nexus.topic` and the Kafka clients of `platform.stream`.
@NullMarked
package dev.nexus.standalone.log;

import org.jspecify.annotations.NullMarked;
