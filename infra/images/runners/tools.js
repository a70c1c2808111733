'use strict';
// tool(name, arguments) for code: a message of MCP by the second socket of the container. Where a call has
// no tools it has no endpoint.
const ENDPOINT = /^http\+unix:\/\/([^/]+)(\/.*)$/;
const VARIABLE = 'MCP_ENDPOINT';

class ToolError extends Error {}
Object.defineProperty(ToolError.prototype, 'name', { value: 'ToolError' });

const send = (endpoint, body) =>
  new Promise((done, failed) => {
    const [, socket, path] = ENDPOINT.exec(endpoint);
    // Taken when it is first needed: a call that has no use for it does not wait for it.
    const http = require('node:http');
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const request = http.request({ socketPath: decodeURIComponent(socket), path, method: 'POST', headers, agent: false });
    const unanswered = (error) => failed(new ToolError(`the platform does not answer: ${error.message}`));
    request.on('error', unanswered);
    request.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', unanswered);
      response.on('end', () => done({ status: response.statusCode, body: Buffer.concat(parts).toString('utf8') }));
    });
    request.end(body);
  });

const parsed = (text) => {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
};

const valueOf = ({ status, body }) => {
  const { result, error, detail } = parsed(body);
  if (result === null || typeof result !== 'object') {
    throw new ToolError(error?.message ?? detail ?? `the platform answers with ${status}`);
  }
  const text = (result.content ?? []).map((part) => part.text ?? '').join('');
  if (result.isError) {
    throw new ToolError(text);
  }
  // A tool of the platform says what its text is; of others it is taken where nothing better came.
  const form = result._meta?.['dev.nexus/output'];
  if (form === 'json') {
    return JSON.parse(text);
  }
  return form === 'text' ? text : (result.structuredContent ?? text);
};

// The function for a call with this endpoint, if it has one. The same is told in a variable to code that has a
// client of MCP of its own.
exports.toolOf = (endpoint) => {
  if (endpoint) {
    process.env[VARIABLE] = endpoint;
  }
  let asked = 0;
  return async (name, args) => {
    if (!endpoint) {
      const error = new Error(
        'tool is not available: handle may depend on its input only, unless capabilities has tools',
      );
      error.name = 'PermissionError';
      error.code = 'EPERM';
      throw error;
    }
    asked += 1;
    const params = { name: String(name), arguments: args ?? {} };
    return valueOf(await send(endpoint, JSON.stringify({ jsonrpc: '2.0', id: asked, method: 'tools/call', params })));
  };
};
