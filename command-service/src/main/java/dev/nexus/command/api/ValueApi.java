package dev.nexus.command.api;

import static dev.nexus.platform.docs.Operation.delete;
import static dev.nexus.platform.docs.Operation.get;
import static dev.nexus.platform.docs.Operation.post;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import dev.nexus.platform.docs.Shape;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What can be asked about runtime values.
final class ValueApi {
  private static final String READ = "`app:<id>:read`";
  private static final String INVOKE = "`app:<id>:invoke`";
  private static final String CONFLICT = "Another version was expected.";
  private static final Parameter APP = Parameter.app("Id of the application.");

  private static final Parameter KEY =
      Parameter.path("key", "Key of the value: 1 to 256 " + ValueLimits.ALPHABET + ".");

  private static final Parameter EXPECTED =
      Parameter.query(
          "expectedVersion", "Version that the value must have; 0: there must be none.");

  private static final Parameter REPEATED =
      Parameter.header(
          "Idempotency-Key", "The caller's own name for the change: repeated, it is made once.");

  private ValueApi() {}

  record ValueShown(
      String key,
      JsonNode value,
      @Doc("Greater than that of every earlier value of the key.") long version,
      @Doc("From when on it is absent.") Optional<Instant> expiresAt) {}

  record ValueVersion(
      String key,
      @Doc("Greater than that of every earlier value of the key.") long version,
      @Doc("From when on it is absent.") Optional<Instant> expiresAt) {}

  record Values(List<ValueVersion> values, @Doc("Whether there are more behind.") boolean more) {}

  record Deleted(String key, @Doc("False when there was no value.") boolean deleted) {}

  @Shape(closed = true)
  record Increment(
      @Doc("What is added, a whole number of 64 bits; 1 where it is left out.")
          Optional<Long> by) {}

  static Operation[] operations() {
    String one = "/v1/apps/{app}/values/{key}";
    return new Operation[] {
      get("/v1/apps/{app}/values", "Keys of runtime values, in their order.")
          .key(READ)
          .reads(
              APP,
              Parameter.query("prefix", "What keys begin with."),
              Parameter.query("afterKey", "Key behind which the list begins."),
              Parameter.limit(ValueController.PAGE, ValueLimits.LARGEST_PAGE))
          .answers(200, Values.class, "Them, without what they hold.")
          .refuses(404, "There is no such application.")
          .refuses(429, "Not now: too many requests of this key."),
      common(get(one, "A runtime value.").key(READ).reads(APP, KEY))
          .answers(200, ValueShown.class, "It."),
      change(Operation.of("put", one, "Sets a runtime value; the body is the value."))
          .reads(ttl("How long it is kept; for ever where it is left out."), Parameter.TRACE)
          .takes(JsonNode.class)
          .answers(200, ValueVersion.class, "It is set.")
          .refuses(507, "The application has as many values as it may."),
      change(post(one + "/increment", "Adds to a whole number; no value counts as 0."))
          .reads(
              ttl("How long a value is kept that begins with this; one that is there keeps its."),
              Parameter.TRACE)
          .mayTake(Increment.class)
          .answers(200, ValueShown.class, "It, after that.")
          .refuses(507, "The application has as many values as it may."),
      change(delete(one, "Deletes a runtime value."))
          .reads(Parameter.TRACE)
          .answers(200, Deleted.class, "There is none now.")
    };
  }

  private static Parameter ttl(String about) {
    return Parameter.query("ttl", about).duration(ValueLimits.LONGEST_TTL);
  }

  private static Operation change(Operation operation) {
    return common(operation.key(INVOKE).reads(APP, KEY, EXPECTED, REPEATED))
        .refuses(409, CONFLICT)
        .refuses(422, "The key was used for something else, or the number would be too large.");
  }

  private static Operation common(Operation operation) {
    return operation
        .refuses(404, "There is no such application, or no such value.")
        .refuses(429, "Not now: too many requests of this key.")
        .refuses(504, "No answer in time: whether it is changed is not known.");
  }
}
