/// What a generator is asked and what is made of its answer: static policy, the paths the code
/// reads, and the guard put around it. Depends on `dev.nexus.event` and its JSON only: no Kafka, no
/// clock.
@NullMarked
package dev.nexus.oracle.generation;

import org.jspecify.annotations.NullMarked;
