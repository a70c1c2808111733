/// What services log. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.log;

import org.jspecify.annotations.NullMarked;
