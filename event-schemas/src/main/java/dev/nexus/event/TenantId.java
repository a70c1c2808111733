package dev.nexus.event;

/// A tenant of the installation: lower-case letters, digits and dashes, 1 to 40 of them.
public record TenantId(String value) {
  public static final TenantId DEFAULT = new TenantId("default");

  public TenantId {
    if (value.isEmpty() || value.length() > 40 || !value.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "tenant must be 1 to 40 of a-z, 0-9 and '-', found '" + value + "'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
