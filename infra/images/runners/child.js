'use strict';
// One process for one call of JavaScript: it waits for the call, runs the code of it, answers and ends.
// What it needs is taken before any code runs, as code may change all that it can reach.
const fs = require('node:fs');
const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const { toolOf, stateBy, madeCalls } = require('./tools.js');

const { parse, stringify } = JSON;
const { readSync, writeSync, readFileSync, existsSync } = fs;
const { isFinite: isFiniteNumber } = Number;
const { isArray } = Array;
const { min: least } = Math;
const allocate = Buffer.allocUnsafe;
const bytesOf = Buffer.from;
const byteLength = Buffer.byteLength;
const toText = Function.prototype.call.bind(Buffer.prototype.toString);
const slice = Function.prototype.call.bind(String.prototype.slice);
const exec = Function.prototype.call.bind(RegExp.prototype.exec);
const end = process.reallyExit.bind(process);
const { setImmediate: later } = globalThis;

const APP = '/app';
const CALL = 3;
const MESSAGE = 2048;
const REFUSALS = ['EPERM', 'EACCES', 'EROFS', 'ENETUNREACH'];
const INLINE = `${APP}/function.js`;
let lines = Infinity;

class Deopt {
  constructor(reason) {
    this.reason = reason;
  }
}

class InvalidResult {
  constructor(words) {
    this.words = words;
  }
}

// --- What is read and written --------------------------------------------------------------------

const read = (count) => {
  const data = allocate(count);
  for (let at = 0; at < count; ) {
    const got = readSync(CALL, data, at, count - at);
    if (got === 0) {
      end(0);
    }
    at += got;
  }
  return data;
};

const write = (data) => {
  for (let at = 0; at < data.length; ) {
    at += writeSync(CALL, data, at, data.length - at);
  }
};

const frame = (kind, text) => {
  const data = bytesOf(text, 'utf8');
  const { length } = data;
  write(bytesOf([kind.charCodeAt(0), length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]));
  write(data);
};

const reply = (kind, text) => {
  try {
    const calls = madeCalls();
    if (calls !== '') {
      frame('M', calls);
    }
    frame(kind, text);
    end(0);
  } catch {
    end(1);
  }
};

// --- Results and errors --------------------------------------------------------------------------

// What JSON.stringify would replace by null, and nobody would notice. A field that has no text is a field that
// is not there.
const check = function (key, value) {
  switch (typeof value) {
    case 'number':
      if (!isFiniteNumber(value)) {
        throw new InvalidResult(`${value} is no JSON`);
      }
      return value;
    case 'function':
    case 'symbol':
    case 'undefined':
      if (isArray(this)) {
        throw new InvalidResult(`${typeof value === 'undefined' ? value : `a ${typeof value}`} is no JSON`);
      }
      return value;
    default:
      return value;
  }
};

const answer = (value, most) => {
  let json;
  try {
    if (value === undefined) {
      throw new InvalidResult('it returned undefined');
    }
    json = stringify(value, check);
  } catch (error) {
    throw error instanceof InvalidResult ? error : new InvalidResult(words(error));
  }
  if (json === undefined) {
    throw new InvalidResult('it returned what is no JSON');
  }
  const length = byteLength(json, 'utf8');
  if (length > most) {
    tell('OUTPUT', `at most ${most} bytes expected, found ${length}`);
  }
  reply('R', json);
};

const tell = (code, message, details) => {
  reply('E', stringify({ code, message: slice(message, 0, MESSAGE), ...details }));
};

const words = (error) => {
  try {
    return slice(String(error.message), 0, MESSAGE);
  } catch {
    return 'a text that cannot be shown';
  }
};

const lineOf = (error) => {
  try {
    const place = exec(/\/app\/[^\s:()]*:(\d+)/, String(error.stack));
    return place === null ? undefined : least(Number(place[1]), lines);
  } catch {
    return undefined;
  }
};

// Also of an error that tells of another one, as those of fetch do.
const isRefusal = (error) => {
  try {
    const causes = [error, error.cause, ...(error.errors ?? []), ...(error.cause?.errors ?? [])];
    return causes.some((cause) => REFUSALS.includes(cause?.code));
  } catch {
    return false;
  }
};

// A text longer than any may be is of memory too: where there is less of it, that is what ends first.
const isMemory = (error) => {
  try {
    return ['ERR_MEMORY_ALLOCATION_FAILED', 'ERR_STRING_TOO_LONG', 'ENOMEM'].includes(error.code) ||
      (error.name === 'RangeError' && error.message === 'Invalid string length') ||
      exec(/^(Array buffer allocation failed|.*out of memory)$/i, String(error.message)) !== null;
  } catch {
    return false;
  }
};

const fail = (error) => {
  if (error instanceof Deopt) {
    reply('D', slice(error.reason, 0, MESSAGE));
  }
  if (error instanceof InvalidResult) {
    tell('INVALID_RESULT', `handle gave no JSON: ${error.words}`);
  }
  if (error === null || typeof error !== 'object' || !(error instanceof Error || 'stack' in error)) {
    let shown = 'a value that cannot be shown';
    try {
      shown = String(error);
    } catch {}
    tell('CRASH', `thrown: ${shown}`);
  }
  if (isMemory(error)) {
    tell('MEMORY', 'out of memory');
  }
  let type = 'Error';
  try {
    type = slice(String(error.name), 0, 100);
  } catch {}
  const said = words(error);
  const code = isRefusal(error) ? 'PERMISSION' : 'CRASH';
  tell(code, said ? `${type}: ${said}` : type, { type, line: lineOf(error) });
};

// --- The code --------------------------------------------------------------------------------------

const deopt = (reason) => {
  throw new Deopt(reason === undefined || reason === null ? 'unspecified' : String(reason));
};

// As a module of Node's first kind, with what is in the image's own modules within reach. What is declared
// at the top of the code, with const too, is seen by the line behind it.
const evaluate = (source, file, name) => {
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(APP);
  lines = source.split('\n').length;
  module._compile(`${source}\n;if (typeof ${name} !== 'undefined') module.exports = { ${name} };`, file);
  return module.exports[name] ?? module.exports;
};

const isModule = () => {
  try {
    return parse(readFileSync(`${APP}/package.json`, 'utf8')).type === 'module';
  } catch {
    return false;
  }
};

const load = async ({ source, function: name }) => {
  if (source !== null) {
    return evaluate(source, INLINE, name);
  }
  const file = ['handler.mjs', 'handler.js'].map((each) => `${APP}/${each}`).find((each) => existsSync(each));
  if (file.endsWith('.mjs') || isModule()) {
    const loaded = await import(pathToFileURL(file));
    return loaded[name] ?? loaded.default?.[name] ?? loaded.default;
  }
  return evaluate(readFileSync(file, 'utf8'), file, name);
};

const main = () => {
  try {
    // If memory ends, something here is to end and not PID 1.
    fs.writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {}
  Object.defineProperty(globalThis, 'deopt', { value: deopt, writable: true, configurable: true });
  Error.stackTraceLimit = 50;
  write(bytesOf(String(process.pid)));
  const head = read(8);
  const call = parse(toText(read(head.readUInt32BE(0)), 'utf8'));
  const input = toText(read(head.readUInt32BE(4)), 'utf8');
  const tool = toolOf(call.tools);
  Object.defineProperty(globalThis, 'tool', { value: tool, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'state', { value: stateBy(tool), writable: true, configurable: true });

  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  process.on('exit', (code) => {
    if (code === 0) {
      tell('CRASH', 'handle gave no answer: its promise never settles');
    }
  });
  const run = async () => {
    const handle = await load(call);
    if (typeof handle !== 'function') {
      throw new TypeError(`a function ${call.function}(input) is expected, found none`);
    }
    answer(await handle(parse(input)), call.outputBytes);
  };
  // Not inside of the module's own evaluation, whose frames are no business of the code.
  later(() => run().catch(fail));
};

main();
