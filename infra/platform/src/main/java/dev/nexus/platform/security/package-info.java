/// Who may do what: keys and their ring, the principal, the one authorisation decision, the audit
/// of what was refused, secrets by reference. Depends on `event-schemas`, `platform.stream`, SLF4J.
@NullMarked
package dev.nexus.platform.security;

import org.jspecify.annotations.NullMarked;
