package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.platform.call.SchemaChecks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceReaderTest {
  private static final String FILE = "app_definition.yaml";
  private static final long MIB = 1L << 20;

  /// The only service stands on line 4.
  private static final String DEFINITION =
      """
      appId: orders
      components: [{componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}]
      serviceInstances:
      """;

  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");

  private Loaded loaded(String services) {
    var result = loader.load(ApplicationFiles.of(Map.of(FILE, DEFINITION + services)));
    assertThat(result).isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  private ServiceDefinition service(String fields) {
    return loaded("  - {serviceName: agent, dockerImage: a/b" + fields + "}\n")
        .application()
        .service("agent")
        .orElseThrow();
  }

  /// What is wrong, without the file it is in.
  private List<String> faults(String services) {
    var result = loader.load(ApplicationFiles.of(Map.of(FILE, DEFINITION + services)));
    assertThat(result).isInstanceOf(Refused.class);
    return ((Refused) result)
        .faults().stream().map(f -> f.sentence().substring(FILE.length() + 1)).toList();
  }

  private String fault(String fields) {
    List<String> faults = faults("  - {serviceName: agent, dockerImage: a/b" + fields + "}\n");
    assertThat(faults).hasSize(1);
    return faults.getFirst();
  }

  @Test
  void shouldReadThatAServiceMayCallTools() {
    assertThat(service(", capabilities: [tools, tools]").capabilities())
        .containsExactly(Capability.TOOLS);
    assertThat(service(", capabilities: [state]").hasTools()).isTrue();
    assertThat(service("").capabilities()).isEmpty();
    assertThat(service(", capabilities: []").digest()).isEqualTo(service("").digest());
    assertThat(service(", capabilities: [tools]").digest()).isNotEqualTo(service("").digest());
  }

  @Test
  void shouldRefuseOtherCapabilitiesOfAService() {
    assertThat(fault(", capabilities: [clock]"))
        .contains("a service has clock by itself", "tools", "clock");
    assertThat(fault(", capabilities: [tool]")).contains("no such capability", "tools");
    assertThat(fault(", capabilities: tools")).contains("wrong capabilities", "a list");
  }

  @Test
  void shouldReadServicesAndFillInWhatTheyLeaveOut() {
    // When
    var application =
        loaded(
                """
                  - serviceName: code
                    dockerImage: acme/code:1
                    fallbackImage: acme/code:0
                    command: [serve, --port, 8000]
                    environment: {MODE: live, LEVEL: 2, FAST: true}
                    resourceLimits: {cpuLimit: 0.5, memoryLimit: 16Mi}
                    volume: /var/lib/code
                    port: 8000
                    healthPath: /health?deep=1
                    startSeconds: 90
                  - {serviceName: agent, dockerImage: acme/agent}
                """)
            .application();

    // Then
    assertThat(application.services())
        .containsExactly(
            new ServiceDefinition(
                "agent",
                "acme/agent",
                "",
                List.of(),
                Map.of(),
                1,
                256 * MIB,
                "",
                Reach.NONE,
                Duration.ofSeconds(30)),
            new ServiceDefinition(
                "code",
                "acme/code:1",
                "acme/code:0",
                List.of("serve", "--port", "8000"),
                Map.of("MODE", "live", "LEVEL", "2", "FAST", "true"),
                0.5,
                16 * MIB,
                "/var/lib/code",
                new Reach(8000, "/health?deep=1", false),
                Duration.ofSeconds(90)));
  }

  @Test
  void shouldGiveAnApplicationWithoutServicesTheDigestItHadBefore() {
    assertThat(loaded("  []\n").bundle().text()).doesNotContain("service");
  }

  @Test
  void shouldReadAServiceThatSpeaksByItsStandardInputAndOutput() {
    assertThat(service(", stdio: true").reach()).isEqualTo(new Reach(0, "", true));
  }

  @Test
  void shouldNameWhatIsMissing() {
    assertThat(faults("  - {}\n"))
        .anySatisfy(fault -> assertThat(fault).contains("the field serviceName is missing"))
        .anySatisfy(fault -> assertThat(fault).contains("the field dockerImage is missing"));
    assertThat(fault(", porrt: 1")).contains("unknown field", "porrt").contains("port");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/proc",
        "/proc/x",
        "/sys",
        "/dev/shm",
        "/run/nexus",
        "/tmp",
        "/tmp/x",
        "data",
        "/a/../proc",
        "/a/./b",
        "/a//b",
        "/a b",
        "/a:b"
      })
  void shouldRefuseAVolumeThatWouldHideTheSystemOrLeaveItsPlace(String volume) {
    assertThat(fault(", volume: '" + volume + "'")).contains("wrong volume", "such as /data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: 0|wrong port",
        "port: 65536|wrong port",
        "stdio: 1|wrong stdio: expected true or false",
        "'port: 1, stdio: true'|port and stdio",
        "healthPath: /x|healthPath without a port",
        "'port: 1, healthPath: x'|wrong healthPath",
        "startSeconds: 0|wrong startSeconds",
        "startSeconds: 601|wrong startSeconds",
        "command: serve|wrong command: expected a list",
        "'command: [{a: b}]'|wrong argument of command",
        "'environment: {1A: x}'|wrong variable of environment",
        "'environment: {A: [x]}'|wrong value of A",
        "fallbackImage: '-v'|wrong fallbackImage",
        "'resourceLimits: {memoryLimit: 1Mi}'|memory from 8Mi to 64Gi",
      })
  void shouldSayWhatWasExpected(String fields, String expected) {
    assertThat(fault(", " + fields)).contains(expected);
  }

  @Test
  void shouldRefuseTextsThatAreTooLarge() {
    String large = "x".repeat(17 << 10);
    assertThat(fault(", command: [" + large + "]")).contains("the command is too large");
    assertThat(fault(", environment: {A: " + large + "}"))
        .contains("the environment is too large", "64 variables");
  }

  @Test
  void shouldRefuseTwoOfOneNameAndMoreThanAnApplicationMayHave() {
    String one = "  - {serviceName: agent, dockerImage: a/b}\n";
    assertThat(faults(one + one)).singleElement().asString().contains("agent is defined twice");
    String many =
        IntStream.rangeClosed(0, ServiceDefinition.MOST_SERVICES)
            .mapToObj(i -> one.replace("agent", "agent" + i))
            .collect(Collectors.joining());
    assertThat(faults(many)).singleElement().asString().contains("too many services");
  }
}
