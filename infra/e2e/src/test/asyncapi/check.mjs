// Reads an AsyncAPI document from standard input; prints what AsyncAPI's own parser finds wrong.
import { text } from "node:stream/consumers";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const errors = diagnostics.filter(found => found.severity === 0);
for (const found of errors) {
  console.error(`${found.path.join(".")}: ${found.message}`);
}
console.log(JSON.stringify({
  version: document?.version() ?? null,
  channels: document?.channels().all().map(channel => channel.address()) ?? [],
  errors: errors.length,
}));
