/// An installation that Docker Compose starts from `infra/compose`, for measurements and for tests:
/// with passwords, ports and a name of its own, and nothing left of it in the end. Depends on
/// Docker's programs, on `platform.config`, `platform.host` and `standalone.run`, never on the
/// commands.
@NullMarked
package dev.nexus.standalone.compose;

import org.jspecify.annotations.NullMarked;
