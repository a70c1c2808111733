/// Comparisons of code with the truth. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.evidence;

import org.jspecify.annotations.NullMarked;
