/// Reads nexus.executions, joins what was asked, answered and true, and writes evidence,
/// decisions and routes. Depends on the pure packages beside it, `platform` and the Kafka clients.
///
/// Ownership: a component belongs to the partition of nexus.evidence its key names; a consumer
/// group hands the partitions out, and a transactional producer for each partition fences a stale
/// owner. Whatever one record leads to (comparisons, decisions, routes, requests) is written in one
/// transaction, in the order it was decided in.
///
/// A restart folds the partition of nexus.evidence and nexus.promotions, looks up the routes, reads
/// nexus.executions from its beginning to rebuild the joins, and decides nothing until it has
/// caught up. What was counted is recognised by candidate and fingerprint, what was asked for by
/// its execution id. It costs one pass over the retained facts of applications that have promotable
/// components; records of others are passed by their headers, without decoding.
@NullMarked
package dev.nexus.oracle.topology;

import org.jspecify.annotations.NullMarked;
