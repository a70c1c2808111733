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
/// Beside the position stands what the last record looked like: who goes on from there looks at it
/// again, as a log that has lost its end and grown has another one in its place.
///
/// **Wholeness.** A generation that is begun anew carries the log's end of that moment as its goal.
/// Until its position is there, and at every position that was shown before, what is missing may
/// exist. So who reads asks for the position behind each question; a wiped Redis has none.
///
/// **Shadows.** A rebuild has a position of its own, `_:{topic/partition}:shadow`, and a younger
/// generation that nobody reads. Its batches are applied by the same script; one of them may take
/// over, which renames the shadow's position to the live one if it has come as far. After kill -9
/// at any point the live position is either the old one, with all its names, or the new one: names
/// of the generation that lost are deleted only afterwards, and by the next start if not before. A
/// generation that is begun anew ends the shadow beside it. A shadow carries the number of the
/// lease under which it was taken up last, so that a builder who is late cannot give it up. And
/// names are deleted by a script that looks first whether they are read, as Redis may have gone
/// back to an older copy of itself since they were found.
@NullMarked
package dev.nexus.projector.store;

import org.jspecify.annotations.NullMarked;
