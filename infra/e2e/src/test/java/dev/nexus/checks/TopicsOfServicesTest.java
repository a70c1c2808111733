package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a service's description says that it reads and writes is what brokers are told to let it
/// read and write.
class TopicsOfServicesTest {
  private static final Pattern NAME = Pattern.compile("`(nexus\\.[a-z.-]*)(\\*?)`");
  private static final String IN = "In:";
  private static final String OUT = "Out:";

  @ParameterizedTest
  @EnumSource(
      names = {"COMMAND_SERVICE", "PROJECTOR", "SANDBOX_EXECUTOR", "MCP_GATEWAY", "ORACLE_STREAM"})
  void shouldDescribeWhatAServiceReadsAndWrites(KafkaUser service) {
    String section = section(service.userName() + "/README.md", "## Topics in/out");
    assertThat(section).contains(IN, OUT, "docs/kafka.md#what-every-service-reads-and-writes");
    int out = section.indexOf(OUT);

    Set<Topic> in = named(section.substring(section.indexOf(IN), out));
    in.addAll(GrantTable.READ_BY_EVERY_SERVICE);
    assertThat(in).isEqualTo(GrantTable.reads(service));
    Set<Topic> written = named(section.substring(out));
    written.addAll(GrantTable.WRITTEN_BY_EVERY_SERVICE);
    assertThat(written).isEqualTo(GrantTable.writes(service));
  }

  @Test
  void shouldDescribeWhatEveryServiceReadsAndWrites() {
    String section = section("docs/kafka.md", "## What every service reads and writes");
    int out = section.indexOf(OUT);
    assertThat(named(section.substring(section.indexOf(IN), out)))
        .isEqualTo(GrantTable.READ_BY_EVERY_SERVICE);
    assertThat(named(section.substring(out))).isEqualTo(GrantTable.WRITTEN_BY_EVERY_SERVICE);
  }

  private static String section(String path, String heading) {
    String text = new TextFile(path).text();
    int begin = text.indexOf(heading + "\n");
    assertThat(begin).as(path + ": " + heading).isNotNegative();
    int end = text.indexOf("\n## ", begin);
    return end < 0 ? text.substring(begin) : text.substring(begin, end);
  }

  /// `nexus.tasks.*` stands for all that begin so.
  private static Set<Topic> named(String text) {
    Set<Topic> named = EnumSet.noneOf(Topic.class);
    NAME.matcher(text)
        .results()
        .forEach(
            match ->
                Arrays.stream(Topic.values())
                    .filter(
                        topic ->
                            match.group(2).isEmpty()
                                ? topic.topicName().equals(match.group(1))
                                : topic.topicName().startsWith(match.group(1)))
                    .forEach(named::add));
    return named;
  }
}
