package dev.nexus.event;

/// JSON text as it travels. Validated where it enters the system, opaque from there on.
public record Json(String text) {
  public static final Json NULL = new Json("null");

  @Override
  public String toString() {
    return text;
  }
}
