/// Tools for code: its messages to the gateway, by its own pass. Depends on `code`, `work`,
/// `event-schemas`, `platform.security` and `platform.config`.
@NullMarked
package dev.nexus.executor.tool;

import org.jspecify.annotations.NullMarked;
