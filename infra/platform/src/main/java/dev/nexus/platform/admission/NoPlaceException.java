package dev.nexus.platform.admission;

/// There is no place for another stream.
public final class NoPlaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean ownShare;

  NoPlaceException(boolean ownShare, String reason) {
    super(reason);
    this.ownShare = ownShare;
  }

  /// Whether it is the caller's own streams that take what the caller may have, and others still
  /// find a place.
  public boolean ownShare() {
    return ownShare;
  }
}
