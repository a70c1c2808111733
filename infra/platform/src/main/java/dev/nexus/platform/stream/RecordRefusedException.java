package dev.nexus.platform.stream;

/// The log answered, and refused a record for what it is, such as its size: the same record is
/// refused again, however often it is sent. Others are not.
public final class RecordRefusedException extends RequestNotAcceptedException {
  private static final long serialVersionUID = 1L;

  public RecordRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
