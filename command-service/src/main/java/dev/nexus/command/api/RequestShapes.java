package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.platform.docs.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Bodies that the write side takes, for its description; `Bodies` reads them.
final class RequestShapes {
  private RequestShapes() {}

  @Shape(closed = true)
  record Definition(
      @Doc("Text of each file of the definition, by path; of a `.wasm` file its bytes in base64.")
          Map<String, String> files,
      @Doc("The revision it was made from; a newer one refuses it.") Optional<String> revision) {}

  @Shape(closed = true)
  record NewIntegration(
      @Doc("Its id, unique in an installation.") String integrationId,
      @Doc("The CloudEvents source it speaks for, a URI reference.") String source,
      @Doc("`none`, which is the default, or `github-hmac`.") Optional<String> credentialKind,
      @Doc("Name of the secret for that, never the secret.") Optional<String> secretRef,
      @Doc("Form of its deliveries, `github` or `cloudevents`.") Optional<String> format) {}

  @Shape(closed = true)
  record Cancellation(@Doc("Why, for who looks later.") Optional<String> reason) {}

  @Shape(closed = true)
  record Release(
      @Doc("Ends the execution instead of letting it go on.") Optional<Boolean> discard) {}

  @Shape(closed = true)
  record Truth(@Doc("The right answer, any JSON.") JsonNode output) {}

  @Shape(closed = true)
  record NewKeyRequest(
      @Doc("What it is for.") Optional<String> description,
      @Doc("`operator`, `app:<id>:invoke`, `app:<id>:read`, `app:<id>:apply`.") List<String> scopes,
      @Doc("How long it is good, such as `90d`, which is the default.")
          Optional<String> expiresIn) {}

  @Shape(closed = true)
  record NewTenant(
      @Doc("1 to 40 of a-z, 0-9 and `-`.") String tenantId, Optional<String> displayName) {}

  @Shape(closed = true)
  record Replay(
      @Doc("Ids of dead letters, 1 to 500, in the order in which they are replayed.")
          List<String> ids,
      @Doc("Also those that were replayed before.") Optional<Boolean> again) {}

  record CloudEventBody(
      @Doc("`1.0`.") String specversion,
      String id,
      @Doc("A registered source.") String source,
      String type,
      Optional<String> subject,
      Optional<String> time,
      Optional<String> datacontenttype,
      Optional<String> dataschema,
      @Doc("Any JSON.") Optional<JsonNode> data) {}
}
