package dev.nexus.scriptedmodel;

/// What a scripted model counts.
public enum Count {
  /// Completions asked for.
  CALLS,
  /// Answers given, whether right, wrong or malformed.
  ANSWERED,
  /// Well-formed answers that were wrong.
  WRONG,
  /// Answers that were no JSON, cut off, or lacked a field.
  MALFORMED,
  /// Answers that took `slowFactor` times as long.
  SLOW,
  /// 429 replies.
  RATE_LIMITED,
  /// 500, 502 and 503 replies.
  SERVER_ERRORS,
  /// Inputs no script knew.
  UNKNOWN,
  /// Requests that were no valid completion request.
  INVALID,
  /// Tokens read, estimated.
  PROMPT_TOKENS,
  /// Tokens written, estimated.
  COMPLETION_TOKENS
}
