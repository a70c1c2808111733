package dev.nexus.event;

/// A tenant of the installation: lower-case letters, digits and dashes, 1 to 40 of them.
public record TenantId(String value) {
  public static final TenantId DEFAULT = new TenantId("default");

  public TenantId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "tenant must be 1 to 40 of a-z, 0-9 and '-', found '" + value + "'");
    }
  }

  /// By hand, because every record read makes one.
  private static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > 40 || text.charAt(0) == '-') {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return value;
  }
}
