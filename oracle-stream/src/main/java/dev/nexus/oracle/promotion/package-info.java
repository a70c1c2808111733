/// Decides how a component goes from prompt to code and back. Pure: depends on `java.*`,
/// `dev.nexus.event`, `oracle.evidence` and `oracle.hotness` only.
///
/// What a candidate is judged on ([Seal]):
///
/// 1. *Open* are the first inputs of an identity whose right answer is known, as many as the policy
///    says, in the order the oracle read them. Every generator of the identity is shown these.
/// 2. When a candidate is requested, its seal is written first: for each partition of
///    nexus.executions the recorded inputs `from` (behind the last open input, behind the seal of
///    every earlier candidate and behind every input an earlier candidate was judged on) `until`
///    (what the oracle has read). Nothing under a seal is shown to this candidate's generator.
/// 3. VERIFYING runs the code on the distinct inputs under the seal whose right answer is known.
///    SHADOW goes on with live calls, which all lie behind the seal.
/// 4. An input counts once for a candidate, whatever it showed, and never when its generator was
///    shown the same input at any place.
/// 5. When a candidate is done with, its whole range is retired: inputs in which it was wrong or
///    which it declined may be shown to the next generator, whose own range lies behind.
@NullMarked
package dev.nexus.oracle.promotion;

import org.jspecify.annotations.NullMarked;
