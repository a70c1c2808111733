// Shows the OpenAPI document with Swagger UI, and the AsyncAPI document: each topic with how to read
// it and its columns.

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function typeOf(schema) {
  if (Array.isArray(schema)) return schema.filter(each => each !== "null").map(typeOf).join(" or ");
  if (typeof schema === "string") return schema;
  if (schema.type === "array") return "array of " + typeOf(schema.items);
  return schema.logicalType ?? typeOf(schema.type);
}

function columns(fields) {
  const head = element("tr", "", element("th", "column"), element("th", "type"), element("th", "meaning"));
  const rows = fields.map(field => element("tr", "",
    element("td", "", element("code", field.name)),
    element("td", typeOf(field.type)),
    element("td", field.doc ?? "")));
  return element("table", "", element("thead", "", head), element("tbody", "", ...rows));
}

function kept(kafka) {
  const config = kafka.topicConfiguration;
  if (config["cleanup.policy"].includes("compact")) return "the newest record of each key is kept";
  const ms = config["retention.ms"];
  if (ms === undefined) return "kept until its owner needs it no longer";
  return ms < 0 ? "kept for ever" : `kept for ${ms / 3_600_000} h`;
}

function topic(channel, messages, server) {
  const name = Object.keys(channel.messages)[0];
  const message = messages[name];
  const fields = message.payload.schema?.fields;
  const read = `kcat -b ${server} -C -t ${channel.address} -o beginning -e -X isolation.level=read_committed`
    + " -f '%k %h\\n'";
  return element("details", "",
    element("summary", "", element("code", channel.address), ` ${channel.description}`),
    element("p", `${message.name}, ${kept(channel.bindings.kafka)}. ${message.summary}`),
    element("pre", read),
    ...(fields ? [columns(fields)] : []));
}

async function showTopics() {
  const box = document.getElementById("channels");
  try {
    const answer = await fetch("/docs/asyncapi.json");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const api = await answer.json();
    const server = api.servers.kafka.variables.brokers.default;
    document.getElementById("about").textContent = `${api.info.description} The commands name`
      + ` ${server}, where the embedded broker is unless it was told otherwise.`
      + ` ${api.servers.kafka.description}`;
    box.replaceChildren(...Object.values(api.channels)
      .map(channel => topic(channel, api.components.messages, server)));
  } catch (failure) {
    box.textContent = `The topics could not be loaded: ${failure.message}`;
  }
}

function showCalls() {
  // Only the document of this server is shown, and nothing of it is told to another.
  SwaggerUIBundle({
    url: "/docs/openapi.json",
    dom_id: "#operations",
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    validatorUrl: "none",
    queryConfigEnabled: false,
  });
}

showCalls();
showTopics();
