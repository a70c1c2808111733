/// State kept in files beside the log, so that the log may be shortened and need not be folded from
/// its beginning. Depends on `dev.nexus.event`, `platform.config` and `platform.stream`.
///
/// A file is written and synced first, then announced on `nexus.snapshots`; what it covers is
/// deleted from the log only after that. A process killed in between leaves a file that nobody
/// knows, which is deleted later.
@NullMarked
package dev.nexus.platform.snapshot;

import org.jspecify.annotations.NullMarked;
