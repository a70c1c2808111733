/// Applications as the log has them, followed by every service that needs definitions. Depends on
/// `event-schemas` and `platform.stream`.
@NullMarked
package dev.nexus.platform.catalog;

import org.jspecify.annotations.NullMarked;
