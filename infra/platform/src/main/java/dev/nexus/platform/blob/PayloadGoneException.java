package dev.nexus.platform.blob;

import dev.nexus.event.PayloadReference;

/// A reference names content that the store does not have, or no longer, or not as it was.
public final class PayloadGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PayloadGoneException(PayloadReference reference) {
    this(reference, "is not in the payload store");
  }

  /// @param what has become of it
  private PayloadGoneException(PayloadReference reference, String what) {
    super(
        "the payload sha256:" + reference.sha256() + " (" + reference.bytes() + " bytes) " + what);
  }

  /// Its file holds something else.
  static PayloadGoneException damaged(PayloadReference reference) {
    return new PayloadGoneException(
        reference, "is damaged: its file in the payload store has other bytes");
  }
}
