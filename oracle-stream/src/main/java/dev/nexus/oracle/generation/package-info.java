/// What a generator is asked and what is made of its answer: static policy, the paths the code
/// reads, and the guard put around it. Pure: depends on `dev.nexus.event` and its JSON only.
@NullMarked
package dev.nexus.oracle.generation;

import org.jspecify.annotations.NullMarked;
