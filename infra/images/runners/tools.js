'use strict';
// tool(name, arguments) and state for code: a message of MCP by the second socket of the container. Where a call has
// no tools it has no endpoint.
const ENDPOINT = /^http\+unix:\/\/([^/]+)(\/.*)$/;
const VARIABLE = 'MCP_ENDPOINT';

const MOST_TOOLS = 50;
const MOST_NAME = 128;
const { stringify } = JSON;
const { hrtime } = process;
const slice = Function.prototype.call.bind(String.prototype.slice);

const STATE = 'core.state.';
const REFUSED = ' is not available: handle may depend on its input only, unless capabilities has ';

class ToolError extends Error {
  constructor(message, problem) {
    super(message);
    this.problem = problem;
  }
}
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

const refusal = (words) => {
  const error = new Error(words);
  error.name = 'PermissionError';
  error.code = 'EPERM';
  return error;
};

// What JSON.stringify would replace by null.
const check = function (key, value) {
  const type = typeof value;
  const lost = Array.isArray(this) && (type === 'undefined' || type === 'function' || type === 'symbol');
  if (lost || (type === 'number' && !Number.isFinite(value))) {
    throw new TypeError(`${type === 'function' || type === 'symbol' ? `a ${type}` : value} is no JSON`);
  }
  return value;
};

const valueOf = ({ status, body }) => {
  const { result, error, detail } = parsed(body);
  if (result === null || typeof result !== 'object') {
    if (status === 403 && String(detail).includes(REFUSED)) {
      throw refusal(detail);
    }
    throw new ToolError(error?.message ?? detail ?? `the platform answers with ${status}`);
  }
  const text = (result.content ?? []).map((part) => part.text ?? '').join('');
  if (result.isError) {
    throw new ToolError(text, result._meta?.['dev.nexus/problem']);
  }
  // A tool of the platform says what its text is; of others it is taken where nothing better came.
  const form = result._meta?.['dev.nexus/output'];
  if (form === 'json') {
    return JSON.parse(text);
  }
  return form === 'text' ? text : (result.structuredContent ?? text);
};

// Which tools were called, how often, and what they took together.
const made = Object.create(null);
let tools = 0;

const note = (name, began) => {
  const [seconds, nanos] = hrtime(began);
  if (made[name] === undefined) {
    if (tools === MOST_TOOLS) {
      return;
    }
    tools += 1;
    made[name] = { count: 0, millis: 0 };
  }
  made[name].count += 1;
  made[name].millis += seconds * 1e3 + nanos / 1e6;
};

exports.madeCalls = () => (tools === 0 ? '' : stringify(made));

// The function for a call with this endpoint, if it has one. The same is told in a variable to code that has a
// client of MCP of its own.
exports.toolOf = (endpoint) => {
  if (endpoint) {
    process.env[VARIABLE] = endpoint;
  }
  let asked = 0;
  return async (name, args) => {
    if (!endpoint) {
      throw refusal(String(name).startsWith(STATE) ? `state${REFUSED}state` : `tool${REFUSED}tools`);
    }
    asked += 1;
    const params = { name: String(name), arguments: args ?? {} };
    const message = JSON.stringify({ jsonrpc: '2.0', id: asked, method: 'tools/call', params }, check);
    const began = hrtime();
    try {
      return valueOf(await send(endpoint, message));
    } finally {
      note(slice(params.name, 0, MOST_NAME), began);
    }
  };
};

// The runtime values of the application, which are tools too.
exports.stateBy = (tool) => {
  const entry = async (key) => {
    const { found, value, version, expiresAt } = await tool('core.state.get', { key });
    return found ? { value, version, expiresAt } : null;
  };
  return Object.freeze({
    get: async (key) => (await entry(key))?.value ?? null,
    entry,
    set: async (key, value, { ttlSeconds, expectedVersion } = {}) =>
      (await tool('core.state.set', { key, value, ttlSeconds, expectedVersion })).version,
    increment: async (key, by = 1, { ttlSeconds } = {}) =>
      (await tool('core.state.increment', { key, by, ttlSeconds })).value,
    delete: async (key, { expectedVersion } = {}) =>
      (await tool('core.state.delete', { key, expectedVersion })).deleted,
  });
};
