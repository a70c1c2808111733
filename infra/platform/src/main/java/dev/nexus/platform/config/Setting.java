package dev.nexus.platform.config;

/// The one table of settings. `docs/settings.md` is generated from it.
public enum Setting {
  DATA_DIR("NEXUS_DATA_DIR", Kind.TEXT, "data", "Directory of everything that is kept."),
  SHARED_DIR(
      "NEXUS_SHARED_DIR",
      Kind.TEXT,
      "",
      "Directory that all processes share where each has a data directory of its own: secrets, the"
          + " key that signs tokens, payloads and snapshots; empty keeps them in the data"
          + " directory."),
  HTTP_PORT("NEXUS_HTTP_PORT", Kind.PORT, "8080", "Port of the HTTP API; 0 takes a free one."),
  HTTP_HOST(
      "NEXUS_HTTP_HOST",
      Kind.TEXT,
      "127.0.0.1",
      "Address the HTTP and gRPC APIs listen at. What other machines reach is refused without"
          + " NEXUS_BEHIND_PROXY, as nothing here encrypts."),
  BEHIND_PROXY(
      "NEXUS_BEHIND_PROXY",
      Kind.FLAG,
      "false",
      "All requests come through a proxy that encrypts and adds the caller's address to"
          + " X-Forwarded-For; its last entry then stands in the audit."),
  HTTP_NAMES(
      "NEXUS_HTTP_NAMES",
      Kind.TEXT,
      "",
      "Names, with commas between them, by which others may call MCP besides localhost: its Host and"
          + " Origin are checked."),
  PROJECTOR_URL(
      "NEXUS_PROJECTOR_URL",
      Kind.URL,
      "",
      "Address of the projector, for a command-service that is a process of its own: it passes reads"
          + " and streams on to it."),
  GATEWAY_URL(
      "NEXUS_GATEWAY_URL",
      Kind.URL,
      "",
      "Address of the mcp-gateway, for a command-service that is a process of its own: it passes MCP"
          + " on to it; and for a sandbox-executor that is: its code calls tools there."),
  EXECUTOR_URL(
      "NEXUS_EXECUTOR_URL",
      Kind.URL,
      "",
      "Address of a sandbox-executor, for a command-service that is a process of its own: it passes"
          + " calls of services on to it, which leads on those that another one runs."),
  EXECUTOR_ADDRESS(
      "NEXUS_EXECUTOR_ADDRESS",
      Kind.URL,
      "",
      "Address at which other executors reach the HTTP API of this one, to which they pass on calls of"
          + " services that it runs; empty for where it listens."),
  GRPC_PORT("NEXUS_GRPC_PORT", Kind.PORT, "9095", "Port of the gRPC API; 0 takes a free one."),
  KAFKA_PORT(
      "NEXUS_KAFKA_PORT",
      Kind.PORT,
      "9092",
      "Port of the embedded broker; 0 takes a free one. Where it is not set, the next free one is"
          + " taken when 9092 is in use."),
  KAFKA_BOOTSTRAP_SERVERS(
      "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
      Kind.BROKERS,
      "",
      "Brokers of a Kafka cluster; empty starts the embedded broker. Any other client property"
          + " is set the same way: NEXUS_KAFKA_SECURITY_PROTOCOL sets security.protocol."),
  KAFKA_TOPIC_PREFIX(
      "NEXUS_KAFKA_TOPIC_PREFIX", Kind.PREFIX, "", "Put before every topic and group name."),
  REPLICATION(
      "NEXUS_REPLICATION",
      Kind.COUNT,
      "3",
      "Copies of each partition that topics are created with on a Kafka cluster; of three or more,"
          + " two must have a record before it counts as written."),
  REDIS_URL(
      "NEXUS_REDIS_URL",
      Kind.TEXT,
      "",
      "Redis of the projections; empty starts an embedded one. Connections, verifications and"
          + " rebuilds wait 10 s for an answer, or as long as `?timeout=60s` in it says; queries"
          + " and batches have times of their own."),
  LLM_BASE_URL(
      "NEXUS_LLM_BASE_URL", Kind.URL, "", "Base URL of an OpenAI-compatible API, with /v1."),
  LLM_API_KEY("NEXUS_LLM_API_KEY", Kind.SECRET, "", "Key of that API."),
  LLM_MODEL(
      "NEXUS_LLM_MODEL",
      Kind.TEXT,
      "gpt-4o-mini",
      "Model of prompts that name none themselves. It becomes part of their definition: with"
          + " another one they are published anew at the next start, and code proven before serves"
          + " no more."),
  MODEL_PERMITS("NEXUS_MODEL_PERMITS", Kind.COUNT, "16", "Prompts answered at the same time."),
  MODEL_TIMEOUT(
      "NEXUS_MODEL_TIMEOUT",
      Kind.DURATION,
      "2m",
      "How long a model may take to answer a call; after that the prompt is tried again."),
  CODE_PERMITS("NEXUS_CODE_PERMITS", Kind.COUNT, "4", "Code tasks run at the same time."),
  CONTAINER_PERMITS(
      "NEXUS_CONTAINER_PERMITS", Kind.COUNT, "8", "Tasks done in containers at the same time."),
  CONTAINERS(
      "NEXUS_CONTAINERS",
      Kind.COUNT,
      "16",
      "Containers of all pools that an executor may have at once."),
  SERVICES(
      "NEXUS_SERVICES",
      Kind.COUNT,
      "128",
      "Services of applications that an executor may run at once, each in a container of its own."),
  SERVICES_MEMORY(
      "NEXUS_SERVICES_MEMORY",
      Kind.COUNT,
      "16384",
      "Memory that the services of an executor may use together, in MiB, by what their definitions"
          + " allow them."),
  TENANT_SERVICES(
      "NEXUS_TENANT_SERVICES",
      Kind.COUNT,
      "128",
      "Services of one tenant that an executor may run at once."),
  TENANT_SERVICES_MEMORY(
      "NEXUS_TENANT_SERVICES_MEMORY",
      Kind.COUNT,
      "16384",
      "Memory that the services of one tenant may use together on an executor, in MiB."),
  DOCKER_HOST(
      "NEXUS_DOCKER_HOST",
      Kind.TEXT,
      "",
      "Socket of the Docker engine that runs the containers of pools, of the same machine; empty for that"
          + " of DOCKER_HOST, or else unix:///var/run/docker.sock."),
  CONTAINER_RUNTIME(
      "NEXUS_CONTAINER_RUNTIME",
      Kind.TEXT,
      "",
      "OCI runtime of containers, as the engine knows it, such as runsc; empty for the engine's own."),
  RUNNER_IMAGES(
      "NEXUS_RUNNER_IMAGES",
      Kind.TEXT,
      "nexus/runner-{runner}:{version}",
      "Image of pools that name none: {runner} stands for python or node, {version} for this version."
          + " ./nexus images build makes both."),
  SANDBOX_DIR(
      "NEXUS_SANDBOX_DIR",
      Kind.TEXT,
      "",
      "Directory of the sockets by which containers are reached, the same for all executors of a user,"
          + " with a short path; empty for one in /tmp."),
  APPLICATION_PERMITS(
      "NEXUS_APPLICATION_PERMITS",
      Kind.COUNT,
      "10000",
      "Tasks of one application done at the same time on a lane; never more than its permits."),
  LLM_PRICES(
      "NEXUS_LLM_PRICES",
      Kind.TEXT,
      "",
      "File with prices of models, added to the table that comes with Nexus."),
  LEASE(
      "NEXUS_LEASE",
      Kind.DURATION,
      "30s",
      "How long started work may go without a heartbeat before it counts as lost."),
  QUEUE_LIMIT(
      "NEXUS_QUEUE_LIMIT",
      Kind.DURATION,
      "10m",
      "How long a task may wait for an executor before it is issued again; at most 1d, as tasks stay on"
          + " their topics for two."),
  FINISHED_KEPT(
      "NEXUS_FINISHED_KEPT",
      Kind.DURATION,
      "24h",
      "How long a finished execution answers a repeated idempotency key."),
  EVENTS_REMEMBERED(
      "NEXUS_EVENTS_REMEMBERED",
      Kind.COUNT,
      "100000",
      "Newest records of each partition of nexus.events among which a copy of an event that started"
          + " something is recognised, for 7 days at most; an event takes two or three."),
  VALUES_KEPT(
      "NEXUS_VALUES_KEPT", Kind.COUNT, "100000", "Runtime values that an application may have."),
  VALUES_MB(
      "NEXUS_VALUES_MB",
      Kind.COUNT,
      "64",
      "Megabytes that the runtime values of an application may take, keys and JSON; their owner has"
          + " them in memory."),
  PROJECTED_EXECUTIONS(
      "NEXUS_PROJECTED_EXECUTIONS",
      Kind.COUNT,
      "10000",
      "Newest finished executions that queries find, for each partition of the log."),
  PAYLOAD_DIR(
      "NEXUS_PAYLOAD_DIR",
      Kind.TEXT,
      "",
      "Directory of contents that are too large for the log, the same for every process; empty"
          + " keeps them in the shared directory, under payloads."),
  PAYLOAD_INPUT_BYTES(
      "NEXUS_PAYLOAD_INPUT_BYTES",
      Kind.COUNT,
      "262144",
      "Largest input that stands in an event itself, bytes; larger ones are payloads."),
  PAYLOAD_OUTPUT_BYTES(
      "NEXUS_PAYLOAD_OUTPUT_BYTES",
      Kind.COUNT,
      "16384",
      "Largest output that stands in an event itself, bytes."),
  PAYLOAD_QUOTA_MB(
      "NEXUS_PAYLOAD_QUOTA_MB", Kind.COUNT, "10240", "Payloads a tenant may have, MiB."),
  FACTS_KEPT(
      "NEXUS_FACTS_KEPT",
      Kind.DURATION,
      "30d",
      "How long facts of executions stay on nexus.executions; longer where a snapshot does not"
          + " cover them yet. An execution that is still open keeps its own."),
  FACTS_KEPT_MB(
      "NEXUS_FACTS_KEPT_MB",
      Kind.LIMIT,
      "10240",
      "Facts that stay there at most, MiB of one copy; older ones go first; 0 for any number."),
  SNAPSHOT_EVERY(
      "NEXUS_SNAPSHOT_EVERY",
      Kind.DURATION,
      "1h",
      "How often state is put into a snapshot at most, where enough has changed."),
  SNAPSHOT_DIR(
      "NEXUS_SNAPSHOT_DIR",
      Kind.TEXT,
      "",
      "Directory of snapshots, the same for every process; empty keeps them in the shared"
          + " directory, under snapshots."),
  WITHOUT_SNAPSHOT(
      "NEXUS_WITHOUT_SNAPSHOT",
      Kind.FLAG,
      "false",
      "Start the router although old facts were deleted and no snapshot has what followed from them:"
          + " executions that were open then never end."),
  PROJECTED_EVENTS(
      "NEXUS_PROJECTED_EVENTS",
      Kind.COUNT,
      "2000",
      "Newest outside events that queries find, for each status and partition of the log."),
  DISK_RESERVE_MB(
      "NEXUS_DISK_RESERVE_MB",
      Kind.LIMIT,
      "512",
      "New work is refused while a disk of the brokers, or of a directory named here, has less free,"
          + " MiB."),
  LOG_LIMIT_MB(
      "NEXUS_LOG_LIMIT_MB",
      Kind.LIMIT,
      "0",
      "New work is refused while the topics have more than this, MiB; 0 for any number."),
  MAX_BODY_BYTES("NEXUS_MAX_BODY_BYTES", Kind.COUNT, "1048576", "Largest request body, bytes."),
  KEY_REQUESTS_PER_SECOND(
      "NEXUS_KEY_REQUESTS_PER_SECOND",
      Kind.LIMIT,
      "0",
      "Requests a second that one key, or one integration at its hook, may make, reads aside;"
          + " 0 for no limit. Each instance counts for itself."),
  KEY_REQUEST_BURST(
      "NEXUS_KEY_REQUEST_BURST",
      Kind.LIMIT,
      "0",
      "How many of them may come at once after a rest; 0 for those of one second."),
  BACKLOG_LIMIT(
      "NEXUS_BACKLOG_LIMIT",
      Kind.COUNT,
      "100000",
      "Records that a part of the platform may be behind, over all its partitions, before new work is"
          + " refused and events are left on nexus.ingress."),
  OTLP_ENDPOINT(
      "NEXUS_OTLP_ENDPOINT",
      Kind.URL,
      "",
      "Receiver of traces, OTLP over HTTP, which the projector sends spans to; /v1/traces is added"
          + " where it is not there. Empty: no traces."),
  OTLP_HEADERS(
      "NEXUS_OTLP_HEADERS",
      Kind.HEADERS,
      "",
      "Headers for the receiver of traces, each NAME=SECRET, with commas between them. SECRET names"
          + " the secret that is the whole value, as in `env:NEXUS_SECRET_OTLP` or `file:otlp`."),
  FSYNC("NEXUS_FSYNC", Kind.FLAG, "false", "Sync every topic on every append, at its price.");

  /// What a value must look like.
  public enum Kind {
    TEXT,
    SECRET,
    PORT,
    COUNT,
    LIMIT,
    DURATION,
    FLAG,
    URL,
    BROKERS,
    PREFIX,
    HEADERS
  }

  private final String variable;
  private final Kind kind;
  private final String defaultValue;
  private final String meaning;

  Setting(String variable, Kind kind, String defaultValue, String meaning) {
    this.variable = variable;
    this.kind = kind;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  public String variable() {
    return variable;
  }

  public Kind kind() {
    return kind;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public String meaning() {
    return meaning;
  }
}
