/// Integrations: which outside sources are known, how each proves who it is. Depends on the
/// contract, `platform.stream` and `platform.security`.
@NullMarked
package dev.nexus.command.access;

import org.jspecify.annotations.NullMarked;
