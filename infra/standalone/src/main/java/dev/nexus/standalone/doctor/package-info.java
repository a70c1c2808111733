/// What `./nexus doctor` looks at, a finding each with its mend. A question that nobody answers is
/// a finding too, never a good one. Depends on the platform, on `standalone.run`, on `embedded` and
/// on the positions and folds of the projector.
@NullMarked
package dev.nexus.standalone.doctor;

import org.jspecify.annotations.NullMarked;
