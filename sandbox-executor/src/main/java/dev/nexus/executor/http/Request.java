package dev.nexus.executor.http;

import java.util.ArrayList;
import java.util.List;

/// @param target path and query, as they stand in a request
public record Request(String method, String target, List<Header> headers, byte[] body) {
  private static final Header CLOSE = new Header("Connection", "close");

  /// The last one over its connection.
  public Request last() {
    List<Header> all = new ArrayList<>(headers);
    all.add(CLOSE);
    return new Request(method, target, all, body);
  }

  boolean isLast() {
    return headers.contains(CLOSE);
  }
}
