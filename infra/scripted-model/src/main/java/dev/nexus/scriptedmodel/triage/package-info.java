/// The script of the webhook-triage sample: its corpus of real webhooks, the rule that is their
/// truth, the order of deliveries and the prepared candidates. Depends on
/// `dev.nexus.scriptedmodel` only.
@NullMarked
package dev.nexus.scriptedmodel.triage;

import org.jspecify.annotations.NullMarked;
