package dev.nexus.projector.rebuild;

import java.util.List;
import java.util.Map;

/// Everything under one name. Binary values are text in Latin-1, so that they compare.
public sealed interface Content {
  record View(Map<String, String> fields) implements Content {}

  record Bytes(String latin) implements Content {}

  record Hash(Map<String, String> fields) implements Content {}

  record Items(List<String> items) implements Content {}

  /// A sorted set, or a set with all scores 0.
  record Scores(Map<String, Long> scores) implements Content {}

  /// Whether there is nothing; Redis keeps no empty collections.
  default boolean isEmpty() {
    return switch (this) {
      case View(var fields) -> fields.isEmpty();
      case Bytes(var latin) -> latin.isEmpty();
      case Hash(var fields) -> fields.isEmpty();
      case Items(var items) -> items.isEmpty();
      case Scores(var scores) -> scores.isEmpty();
    };
  }
}
