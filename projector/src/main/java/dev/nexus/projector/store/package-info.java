/// Redis as a fold of the log: what a record changes, how a batch of changes is applied exactly
/// once, and what everything is called. Depends on `event-schemas`, `platform.stream` and Lettuce.
///
/// **Names.** Every name begins with the tenant, and all names of one source partition share a
/// hash tag, so that a batch touches one slot of a Redis cluster:
///
/// ```text
/// default:{nexus.executions/3}:0199f0c2-7a:x/<execution id>
/// tenant   topic/partition     generation  name
/// ```
///
/// What belongs to no tenant (positions, counters of a partition) has `_` in its place, which no
/// tenant can be called. The topic carries the installation's prefix, so that two installations
/// may share a server. The **generation** is new whenever a partition is folded from its beginning
/// again: a rebuild writes beside what it replaces, the switch is one field, and what was replaced
/// is swept later.
///
/// **Batches.** `_:{topic/partition}:position` holds the generation and the next position. A batch
/// carries both as it knows them; one script compares, changes everything and moves the position,
/// or changes nothing. So two projectors may read the same partition: one of them wins each batch.
@NullMarked
package dev.nexus.projector.store;

import org.jspecify.annotations.NullMarked;
