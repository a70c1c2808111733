package dev.nexus.executor.service;

import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Header;
import java.io.InputStream;
import java.util.List;

/// What a service answers.
public sealed interface Served {
  /// One that says how long it is.
  record Whole(Answer answer) implements Served {}

  /// One that does not: a stream, which comes for as long as both sides like.
  ///
  /// @param body has to be closed
  record Flowing(int status, List<Header> headers, InputStream body) implements Served {}
}
