/// Settings: one table, read from `NEXUS_*` variables and checked at start. Depends on `java.*`.
@NullMarked
package dev.nexus.platform.config;

import org.jspecify.annotations.NullMarked;
