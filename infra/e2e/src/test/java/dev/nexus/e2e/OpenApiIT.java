package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.docs.OpenApi;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.web.router.Router;
import io.micronaut.web.router.UriRouteInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The description of the calls, held to its specification and to what the server really does.
/// That every answer is as described is held by the client of all tests here.
class OpenApiIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final Pattern VARIABLE = Pattern.compile("\\{\\+?(\\w+)}");

  private static JsonNode document;

  @BeforeAll
  static void read() {
    document =
        PlatformExtension.json(platform.send("GET", "/docs/openapi.json", "", "", List.of()), 200);
  }

  @Test
  @NeedsTool({"node", "npm"})
  void shouldBeFoundRightByTheOfficialSchema() throws Exception {
    // When
    JsonNode found =
        CanonicalJson.read(NodeProgram.install("openapi").run("check.mjs", document.toString()));
    // Then
    assertThat(found.path("version").asText()).isEqualTo("3.1");
    assertThat(found.path("valid").asBoolean()).as(found.toString()).isTrue();
  }

  @Test
  void shouldHaveSchemasThatAreSchemas() {
    // Given
    JsonSchema schemas =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(SchemaLocation.of(SchemaId.V202012));
    // Then
    document
        .at("/components/schemas")
        .properties()
        .forEach(
            named -> assertThat(schemas.validate(named.getValue())).as(named.getKey()).isEmpty());
  }

  @Test
  void shouldBeWhatAnswersAreHeldTo() {
    assertThat(document)
        .isEqualTo(CanonicalJson.read(OpenApi.document(ApiClients.PARTS).toString()));
  }

  @Test
  void shouldDescribeEachRouteAndNoOther() {
    // Given
    Map<String, Set<String>> routes = new TreeMap<>();
    platform
        .platform()
        .context()
        .getBean(Router.class)
        .uriRoutes()
        .filter(route -> route.getHttpMethod() != HttpMethod.HEAD)
        .forEach(route -> routes.put(name(route), read(route)));
    Map<String, Set<String>> described = new TreeMap<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        operation ->
                            described.put(
                                operation.getKey() + " " + path.getKey(),
                                read(operation.getValue()))));
    // Then
    assertThat(described.keySet()).isEqualTo(routes.keySet());
    assertThat(described).isEqualTo(routes);
  }

  private static String name(UriRouteInfo<?, ?> route) {
    // `+` lets a variable of the server have slashes, which a description cannot say.
    return route.getHttpMethodName().toLowerCase(Locale.ROOT)
        + " "
        + route.getUriMatchTemplate().toString().replace("{+", "{");
  }

  /// Parameters of path and query, and headers, that the server binds, such as `query limit`.
  private static Set<String> read(UriRouteInfo<?, ?> route) {
    Stream<String> variables =
        VARIABLE
            .matcher(route.getUriMatchTemplate().toString())
            .results()
            .map(variable -> "path " + variable.group(1));
    Stream<String> arguments =
        Arrays.stream(route.getTargetMethod().getArguments()).flatMap(OpenApiIT::read);
    return Stream.concat(variables, arguments).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> read(Argument<?> argument) {
    if (argument.isAnnotationPresent(QueryValue.class)) {
      return Stream.of("query " + argument.getName());
    }
    return argument.isAnnotationPresent(Header.class)
        ? Stream.of(
            "header "
                + argument
                    .getAnnotationMetadata()
                    .stringValue(Header.class)
                    .orElse(argument.getName()))
        : Stream.of();
  }

  /// The same as it is described; headers that operations read themselves are many.
  private static Set<String> read(JsonNode operation) {
    Set<String> read = new TreeSet<>();
    for (JsonNode parameter : operation.path("parameters")) {
      String in = parameter.path("in").asText();
      String name = parameter.path("name").asText();
      if (!in.equals("header") || name.equals("Last-Event-ID")) {
        read.add(in + " " + name);
      }
    }
    return read;
  }
}
