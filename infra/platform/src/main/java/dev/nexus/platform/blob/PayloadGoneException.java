package dev.nexus.platform.blob;

import dev.nexus.event.PayloadReference;

/// A reference names content that the store does not have, or no longer.
public final class PayloadGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PayloadGoneException(PayloadReference reference) {
    super(
        "the payload sha256:"
            + reference.sha256()
            + " ("
            + reference.bytes()
            + " bytes) is not in the payload store");
  }
}
