package dev.nexus.executor.service;

import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Request;
import dev.nexus.executor.service.ServiceCaps.Cap;
import dev.nexus.platform.catalog.DefinitionCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.IntPredicate;

/// Services in containers of the real engine, of an executor without a log.
final class ServiceRig implements AutoCloseable {
  static final String HOST =
      Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");

  /// The runner of Python, but begun as whoever uses it says.
  static final String IMAGE = "nexus-test/service:offline";

  static final int MOST = 101;

  private static final Cap CAP = new Cap(MOST, 16_384);

  static final String APP = "shop";

  /// Answers GET with what it was asked, 500 where that is /broken, and prints nothing.
  static final String SERVER =
      """
      import http.server, json
      class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def answer(self):
          body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
          said = json.dumps({'path': self.path, 'body': body, 'headers': dict(self.headers)}).encode()
          self.send_response(500 if self.path == '/broken' else 200)
          if self.path == '/chunked':
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for i in range(0, len(said), 7):
              part = said[i:i + 7]
              self.wfile.write(b'%x\\r\\n%s\\r\\n' % (len(part), part))
            self.wfile.write(b'0\\r\\n\\r\\n')
          elif self.path == '/stream':
            self.send_header('Content-Type', 'text/event-stream')
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            import time
            for i in range(1000):
              self.wfile.write(b'%x\\r\\ndata: %03d\\n\\n\\r\\n' % (11, i))
              self.wfile.flush()
              time.sleep(0.1)
          elif self.path == '/silent':
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            self.wfile.flush()
            import time
            time.sleep(600)
          elif self.path == '/large':
            self.send_header('Content-Length', str(1 << 24))
            self.end_headers()
            self.wfile.write(b'x' * (1 << 24))
          else:
            self.send_header('Content-Length', str(len(said)))
            self.end_headers()
            self.wfile.write(said)
        do_GET = do_POST = answer
        def log_message(self, *ignored): pass
      http.server.ThreadingHTTPServer(('127.0.0.1', 8000), Handler).serve_forever()
      """;

  private final Containers containers;
  private final String installation;
  private final ServiceInstances services;
  private final HeardServices heard = new HeardServices();
  private final HeardTools tools = new HeardTools();
  private final CopyOnWriteArraySet<String> notOwned = new CopyOnWriteArraySet<>();
  private volatile List<ServiceDefinition> defined = List.of();

  /// @param base directory of sockets, which executors that know of each other share
  ServiceRig(Path base, String installation) {
    this(base, installation, new ServiceCaps(CAP, CAP));
  }

  ServiceRig(Path base, String installation, ServiceCaps caps) {
    this.installation = installation;
    this.containers =
        Containers.untold(
            new Containers.Options(HOST, "", "nexus/runner-{runner}:offline", 4, base), tools);
    this.services =
        new ServiceInstances(
            new ServiceInstances.Surroundings(
                containers,
                () -> List.of(version()),
                _ -> heard,
                () -> installation,
                _ -> java.util.Optional.empty(),
                caps,
                new SimpleMeterRegistry(),
                Clock.systemUTC()),
            _ -> new OwnAll());
    services.start();
  }

  private final class OwnAll implements Share {
    @Override
    public void join(boolean member) {}

    @Override
    public boolean owns(ServiceKey service) {
      return !notOwned.contains(service.service());
    }

    @Override
    public boolean isOf(ServiceKey service, IntPredicate some) {
      return true;
    }

    @Override
    public void close() {}
  }

  /// Builds what is missing of the images.
  static void images() throws IOException, InterruptedException {
    run("../infra/images/offline/offline.sh", "--runners");
    Process build =
        new ProcessBuilder("docker", "build", "--quiet", "--tag", IMAGE, "-")
            .redirectErrorStream(true)
            .start();
    try (OutputStream dockerfile = build.getOutputStream()) {
      dockerfile.write(
          "FROM nexus/runner-python:offline\nENTRYPOINT []\n".getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (build.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  private DefinitionCatalog.Version version() {
    return new DefinitionCatalog.Version(
        TenantId.DEFAULT,
        "digest",
        "revision",
        new ApplicationDefinition(
            APP, "Shop", "1", List.of(), List.of(), List.of(), Map.of(), List.of(), List.of(),
            defined));
  }

  static ServiceKey key(String service) {
    return new ServiceKey(TenantId.DEFAULT, APP, service);
  }

  static ServiceDefinition service(String name, String... command) {
    return new ServiceDefinition(
        name,
        IMAGE,
        "",
        List.of(command),
        Map.of(),
        1,
        64L << 20,
        "",
        Reach.NONE,
        Duration.ofSeconds(60));
  }

  static ServiceDefinition shell(String name, String script) {
    return service(name, "sh", "-c", script);
  }

  static ServiceDefinition of(ServiceDefinition one, String image, String fallback) {
    return new ServiceDefinition(
        one.serviceName(),
        image,
        fallback,
        one.command(),
        one.environment(),
        one.cpus(),
        one.memoryBytes(),
        one.volume(),
        one.reach(),
        one.startTime());
  }

  static ServiceDefinition with(
      ServiceDefinition one, String volume, Reach reach, Duration startTime) {
    return new ServiceDefinition(
        one.serviceName(),
        one.image(),
        one.fallbackImage(),
        one.command(),
        one.environment(),
        one.cpus(),
        one.memoryBytes(),
        volume,
        reach,
        startTime);
  }

  static ServiceDefinition server(String name, String healthPath) {
    return with(
        service(name, "python3", "-c", SERVER),
        "",
        new Reach(8000, healthPath, false),
        Duration.ofSeconds(60));
  }

  void define(ServiceDefinition... all) {
    defined = List.of(all);
  }

  void disown(String service) {
    notOwned.add(service);
  }

  HeardTools tools() {
    return tools;
  }

  static ServiceDefinition withTools(ServiceDefinition one) {
    return new ServiceDefinition(
        one.serviceName(),
        one.image(),
        one.fallbackImage(),
        one.command(),
        one.environment(),
        one.cpus(),
        one.memoryBytes(),
        one.volume(),
        one.reach(),
        one.startTime(),
        List.of(Capability.TOOLS));
  }

  HeardServices heard() {
    return heard;
  }

  /// The whole answer of a healthy service.
  Answer ask(String service, Request request) throws IOException, InterruptedException {
    return switch (serve(service, request)) {
      case Served.Whole(var answer) -> answer;
      case Served.Flowing(var status, var headers, var flowing) -> {
        try (flowing) {
          yield new Answer(status, headers, flowing.readAllBytes());
        }
      }
    };
  }

  Served serve(String service, Request request) throws IOException, InterruptedException {
    return services
        .healthy(key(service))
        .port()
        .ask(request, "key:1", Duration.ofSeconds(30), 1 << 20);
  }

  ServiceInstances services() {
    return services;
  }

  ServiceStatus status(String service) {
    return services.of(TenantId.DEFAULT, APP).stream()
        .filter(one -> one.service().equals(service))
        .findFirst()
        .orElseThrow();
  }

  String id() {
    return containers.site().sockets().id();
  }

  /// Containers of this executor that there are.
  List<Engine.Found> found() {
    return containers.site().engine().below(containers.site().sockets().id());
  }

  List<Engine.Found> found(String service) {
    return found().stream()
        .filter(one -> key(service).text().equals(one.labels().get(Engine.LABEL_SERVICE)))
        .toList();
  }

  String volume(String service) {
    return "nexus-volume-" + NameIds.uuid5(installation, key(service).text());
  }

  @Override
  public void close() {
    services.close();
    containers.close();
  }
}
