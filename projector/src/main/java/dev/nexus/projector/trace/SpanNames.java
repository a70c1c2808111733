package dev.nexus.projector.trace;

/// Names of OpenTelemetry's semantic conventions, and our own beside them. Those of models are
/// still in development there, so they stand in one place.
final class SpanNames {
  static final String SERVICE_NAME = "service.name";
  static final String SERVICE_NAMESPACE = "service.namespace";
  static final String SERVICE_INSTANCE = "service.instance.id";
  static final String ERROR_TYPE = "error.type";

  static final String OPERATION = "gen_ai.operation.name";
  static final String PROVIDER = "gen_ai.provider.name";
  static final String MODEL = "gen_ai.response.model";
  static final String INPUT_TOKENS = "gen_ai.usage.input_tokens";
  static final String OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
  static final String TOOL = "gen_ai.tool.name";
  static final String EVENT_ID = "cloudevents.event_id";
  static final String EVENT_SOURCE = "cloudevents.event_source";
  static final String EVENT_TYPE = "cloudevents.event_type";
  static final String MCP_METHOD = "mcp.method.name";

  static final String TENANT = "nexus.tenant";
  static final String APP = "nexus.app";
  static final String COMPONENT = "nexus.component";
  static final String EXECUTION = "nexus.execution";
  static final String ROAD = "nexus.road";
  static final String RESULT = "nexus.result";
  static final String TIER = "nexus.tier";
  static final String STEP = "nexus.step";
  static final String ROLE = "nexus.role";
  static final String ATTEMPT = "nexus.attempt";
  static final String LANE = "nexus.lane";
  static final String CANDIDATE = "nexus.candidate.hash";
  static final String CALLS = "nexus.model.calls";
  static final String COST = "nexus.cost.micros";

  private SpanNames() {}
}
