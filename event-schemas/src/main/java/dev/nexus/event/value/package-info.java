/// Runtime values of applications: what is asked of them, what became of them, and the answers.
/// Depends on `dev.nexus.event` and on the reply address of `dev.nexus.event.request`.
@NullMarked
package dev.nexus.event.value;

import org.jspecify.annotations.NullMarked;
