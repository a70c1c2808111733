// One session of an official MCP client. Reads {generation, mode, url, key, calls} from stdin and
// prints what the server said: {era, protocolVersion, server, instructions, tools, results}.
import { text } from 'node:stream/consumers';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';

const asked = JSON.parse(await text(process.stdin));
const modern = asked.generation === 'v2';
const self = { name: 'nexus-e2e', version: '1.0.0' };
const transport = new (modern ? TransportV2 : TransportV1)(new URL(asked.url), {
  requestInit: { headers: { Authorization: `Bearer ${asked.key}` } },
});
const client = modern
  ? new ClientV2(self, { versionNegotiation: { mode: asked.mode } })
  : new ClientV1(self);

const answer = { tools: [], results: [], pages: 0 };
try {
  await client.connect(transport);
  answer.era = modern ? client.getProtocolEra() : 'legacy';
  answer.server = client.getServerVersion();
  answer.instructions = client.getInstructions();
  answer.protocolVersion = transport.protocolVersion;
  let cursor;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    answer.tools.push(...page.tools);
    answer.pages++;
    cursor = page.nextCursor;
  } while (cursor !== undefined && answer.pages < 50);
  for (const call of asked.calls) {
    const from = performance.now();
    try {
      answer.results.push({ result: await client.callTool(call), ms: performance.now() - from });
    } catch (e) {
      answer.results.push({ error: { code: e.code, message: e.message } });
    }
  }
} catch (e) {
  answer.failure = { code: e.code, message: e.message };
} finally {
  await client.close();
}
console.log(JSON.stringify(answer));
