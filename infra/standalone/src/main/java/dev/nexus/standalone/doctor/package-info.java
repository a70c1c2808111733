/// What `./nexus doctor` looks at, a finding each with its mend. A question that nobody answers is
/// a finding too, never a good one; and looking writes nothing. Depends on the platform, on
/// `standalone.run` and `standalone.log`, on `embedded`, and on the positions, folds and names of
/// lags of the projector.
@NullMarked
package dev.nexus.standalone.doctor;

import org.jspecify.annotations.NullMarked;
