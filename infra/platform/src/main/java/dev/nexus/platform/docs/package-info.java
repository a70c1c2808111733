/// What this installation offers, as a document that programs read and a page that people read:
/// AsyncAPI for its topics, OpenAPI for its calls, which each module describes as an `ApiPart`.
/// Depends on `event-schemas`, `platform.stream` for the names of topics, `platform.http`, and
/// Micronaut.
@NullMarked
package dev.nexus.platform.docs;

import org.jspecify.annotations.NullMarked;
