/// Comparisons of code with the truth, and how much they prove. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.evidence;

import org.jspecify.annotations.NullMarked;
