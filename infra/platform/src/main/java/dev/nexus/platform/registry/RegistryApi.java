package dev.nexus.platform.registry;

import static dev.nexus.platform.docs.Operation.get;
import static dev.nexus.platform.docs.Operation.post;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import dev.nexus.platform.docs.Shape;
import jakarta.inject.Singleton;
import java.lang.reflect.Type;
import java.util.List;

/// What the registry answers, in its form.
@Singleton
public final class RegistryApi implements ApiPart {
  private static final String VERSIONS = "/registry/subjects/{subject}/versions";
  private static final Parameter ID =
      Parameter.path("id", "Id of a schema, as it stands in bytes 1 to 4 of a record.");
  private static final Parameter SUBJECT =
      Parameter.path("subject", "Name of a topic and `-value`.");
  private static final Parameter VERSION =
      Parameter.path("version", "A number from 1 on, or `latest`.");
  private static final Parameter GLOBAL =
      Parameter.query("defaultToGlobal", "Answers what holds for all subjects.").flag();

  record SchemaText(@Doc("An Avro schema as a text.") String schema) {}

  record SubjectVersion(String subject, int version) {}

  record SubjectSchema(String subject, int version, int id, String schema) {}

  record SchemaId(int id) {}

  record Compatibility(String compatibilityLevel) {}

  record Mode(String mode) {}

  record RegistryRefusal(
      @Shape(name = "error_code") @Doc("The status and two digits more.") int errorCode,
      String message) {}

  @Override
  public List<Chapter> chapters() {
    return List.of(
        new Chapter(
            "Schema registry",
            "The part of a Schema Registry's API that readers of topics need. Open to anyone;"
                + " nothing can be registered.",
            List.of(
                ok(get("/registry/schemas/types", "Kinds of schemas."), String[].class),
                byId("/registry/schemas/ids/{id}", "The schema of an id.", SchemaText.class),
                byId("/registry/schemas/ids/{id}/schema", "The schema itself.", JsonNode.class),
                byId("/registry/schemas/ids/{id}/subjects", "Where it is used.", String[].class),
                byId(
                    "/registry/schemas/ids/{id}/versions",
                    "Where it is used, and as which version.",
                    SubjectVersion[].class),
                ok(get("/registry/subjects", "A subject for each topic."), String[].class)
                    .reads(Parameter.query("subjectPrefix", "What their names begin with.")),
                missing(ok(get(VERSIONS, "Its versions, oldest first."), int[].class))
                    .reads(SUBJECT),
                ofVersion("", "A version of a subject.", SubjectSchema.class),
                ofVersion("/schema", "The schema of a version.", JsonNode.class),
                ofVersion("/referencedby", "Schemas that refer to it: none.", JsonNode[].class),
                written(
                    post("/registry/subjects/{subject}", "Which version a schema is."),
                    SubjectSchema.class),
                written(post(VERSIONS, "The id of a schema that is there."), SchemaId.class),
                ok(get("/registry/config", "How schemas may change."), Compatibility.class),
                missing(ok(get("/registry/config/{subject}", "The same."), Compatibility.class))
                    .reads(SUBJECT, GLOBAL),
                ok(get("/registry/mode", "What may be done: read."), Mode.class),
                missing(ok(get("/registry/mode/{subject}", "The same."), Mode.class))
                    .reads(SUBJECT, GLOBAL))));
  }

  private static Operation byId(String path, String summary, Type body) {
    return missing(ok(get(path, summary), body)).reads(ID);
  }

  private static Operation ofVersion(String more, String summary, Type body) {
    return refused(
        missing(ok(get(VERSIONS + "/{version}" + more, summary), body)).reads(SUBJECT, VERSION),
        422,
        "That is no version.");
  }

  private static Operation written(Operation operation, Type body) {
    return refused(missing(ok(operation, body)), 422, "No schema, or one that is not there.")
        .reads(SUBJECT)
        .takes(RegistryAnswers.MEDIA_TYPE, SchemaText.class)
        .takes(SchemaText.class);
  }

  private static Operation ok(Operation operation, Type body) {
    return operation.answers(200, RegistryAnswers.MEDIA_TYPE, body, "As a registry answers.");
  }

  private static Operation missing(Operation operation) {
    return refused(operation, 404, "There is none.");
  }

  private static Operation refused(Operation operation, int status, String about) {
    return operation.answers(status, RegistryAnswers.MEDIA_TYPE, RegistryRefusal.class, about);
  }
}
