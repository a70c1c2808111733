/// Events from outside that were let in, and what was decided about each. Depends on
/// `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.ingress;

import org.jspecify.annotations.NullMarked;
