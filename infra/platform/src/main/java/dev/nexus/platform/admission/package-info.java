/// Whether new work may come in now: how much one key may ask, how many streams it may have open,
/// and how far the parts that do the work are behind. Depends on the contract, `config`, `http`,
/// `service`, `stream`, Bucket4j, Micrometer and Micronaut, whose annotations are allowed here.
@NullMarked
package dev.nexus.platform.admission;

import org.jspecify.annotations.NullMarked;
