/// How sure one can be that code agrees with the truth, whenever one looks. Pure: depends on
/// `java.*` and `dev.nexus.event` only.
///
/// A comparison counts once a candidate and input, and never for an input its generator was shown.
/// Inputs that code declines are counted apart; an error counts as a disagreement. The e-value of
/// [EProcess] has mean at most 1 while code disagrees in at least epsilon of the inputs, at every
/// look; so a candidate that is promoted at E >= 1/alpha is a wrong one with probability at most
/// alpha. The k-th candidate of an identity may spend alpha/(k(k+1)), which sums to alpha.
@NullMarked
package dev.nexus.oracle.evidence;

import org.jspecify.annotations.NullMarked;
