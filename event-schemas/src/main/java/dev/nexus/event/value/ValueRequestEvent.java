package dev.nexus.event.value;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import java.time.Duration;

/// What callers want of runtime values, on `nexus.value-requests`. Key: tenant/app, so that all
/// values of an application have one owner. The event id is the id of the request: what it names is
/// applied once, if it is asked again within two hours and 10,000 named changes of the application.
/// The correlation id is the call's own, which its answer has as well.
public sealed interface ValueRequestEvent {
  /// A change whatever the version is.
  long ANY_VERSION = -1;

  /// A change only where there is no value.
  long ABSENT = 0;

  ReplyAddress replyTo();

  record GetRequested(@Doc("Key of the value.") String valueKey, ReplyAddress replyTo)
      implements ValueRequestEvent {}

  /// @param ttl zero keeps the value for ever
  record SetRequested(
      @Doc("Key of the value.") String valueKey,
      @Doc("The new value, JSON.") Json content,
      @Doc("How long the value is kept, milliseconds; 0 is for ever.") Duration ttl,
      @Doc("Version the value must have; 0: there must be none, -1: whatever it is.")
          long expectedVersion,
      ReplyAddress replyTo)
      implements ValueRequestEvent {}

  /// Adds to a whole number; an absent value counts as 0.
  ///
  /// @param ttl time of a value that begins with this; one that is there keeps its own
  record IncrementRequested(
      @Doc("Key of the value.") String valueKey,
      @Doc("What is added, a whole number of 64 bits.") long increment,
      @Doc("How long the value is kept, milliseconds; 0 is for ever.") Duration ttl,
      @Doc("Version the value must have; 0: there must be none, -1: whatever it is.")
          long expectedVersion,
      ReplyAddress replyTo)
      implements ValueRequestEvent {}

  record DeleteRequested(
      @Doc("Key of the value.") String valueKey,
      @Doc("Version the value must have; 0: there must be none, -1: whatever it is.")
          long expectedVersion,
      ReplyAddress replyTo)
      implements ValueRequestEvent {}

  /// Asks which values there are, in the order of their keys, without what they hold.
  record ListRequested(
      @Doc("What the keys begin with.") String keyPrefix,
      @Doc("Key behind which the list begins; absent: at its beginning.") String afterKey,
      @Doc("Values listed at most.") int pageSize,
      ReplyAddress replyTo)
      implements ValueRequestEvent {}
}
