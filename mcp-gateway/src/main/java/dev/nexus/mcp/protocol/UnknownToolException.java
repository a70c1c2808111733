package dev.nexus.mcp.protocol;

/// No tool of this name is listed for the caller; the message says which is near.
public final class UnknownToolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownToolException(String message) {
    super(message);
  }
}
