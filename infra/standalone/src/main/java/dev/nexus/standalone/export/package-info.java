/// Topics as files for analytics: `./nexus events export`. Depends on `event-schemas`,
/// `standalone.log` and Parquet; knows nothing of the command line.
@NullMarked
package dev.nexus.standalone.export;

import org.jspecify.annotations.NullMarked;
