package dev.nexus.executor.http;

/// A header field.
public record Header(String name, String value) {
  public boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }
}
