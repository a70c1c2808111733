/// The one table of topics and the keys of their records. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.topic;

import org.jspecify.annotations.NullMarked;
