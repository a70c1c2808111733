// Evaluated once, before any script. What a script gets: deopt(reason), tool(name, arguments), and
// state. What it loses: the door to the host; and the clock and chance, because handle(input) may depend on its input only,
// unless its component grants them. The host says what is granted, in each call anew: nothing is while a
// script is loaded.
const invoke = globalThis.java_invoke;
const { parse, stringify } = JSON;
const resolve = Promise.resolve.bind(Promise);
const { isFinite } = Number;
const { isArray } = Array;
const isWellFormed = Function.prototype.call.bind(String.prototype.isWellFormed);

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

class PermissionError extends Error {
  name = 'PermissionError';
}

class ToolError extends Error {
  name = 'ToolError';
  constructor(message, problem) {
    super(message);
    this.problem = problem;
  }
}

const refused = (what, capability) =>
  new PermissionError(
    `${what} is not available: handle may depend on its input only, unless capabilities has ${capability}`,
  );

const describe = (error) => {
  try {
    if (error instanceof Error) {
      const place = String(error.stack || '').trim().split('\n')[0].trim();
      return `${error.name}: ${error.message}${place ? ` (${place})` : ''}`;
    }
    return `thrown: ${String(error)}`;
  } catch {
    return 'thrown: a value that cannot be shown';
  }
};

const fail = (error) => {
  if (error instanceof Deopt) {
    invoke('deopt', '', error.reason);
  } else {
    invoke('error', '', describe(error));
  }
};

// What stringify would replace by null, and texts that are none in UTF-8: nobody would notice.
const check = function (key, value) {
  const type = typeof value;
  const lost = isArray(this) && (type === 'undefined' || type === 'function' || type === 'symbol');
  if (lost || (type === 'number' && !isFinite(value))) {
    throw new InvalidResult(`${type === 'function' || type === 'symbol' ? `a ${type}` : value} is no JSON`);
  }
  if (!isWellFormed(key) || (type === 'string' && !isWellFormed(value))) {
    throw new InvalidResult('half of a surrogate pair is no JSON');
  }
  return value;
};

const text = (value, replacer) => {
  try {
    const json = stringify(value, replacer);
    if (json !== undefined) {
      return json;
    }
    invoke('invalid', '', `it returned ${typeof value}`);
  } catch (error) {
    invoke('invalid', '', error instanceof InvalidResult ? error.words : describe(error));
  }
  return undefined;
};

// The host asks for a second look where the text has a null or a surrogate in it: a look at each value of each
// result would cost twice as much as its text does.
const answer = (value) => {
  const json = text(value);
  if (json !== undefined && invoke('result', '', json) !== '') {
    const checked = text(value, check);
    if (checked !== undefined) {
      invoke('result', '', checked);
    }
  }
};

let handle;

Object.defineProperty(globalThis, '__nexus', {
  value: Object.freeze({
    define(found) {
      if (typeof found !== 'function') {
        throw new TypeError('a function handle(input) is expected, found none');
      }
      handle = found;
    },
    run() {
      try {
        const value = handle(parse(invoke('input', '', '')));
        if (value !== null && typeof value === 'object' && typeof value.then === 'function') {
          resolve(value).then(answer).then(undefined, fail);
        } else {
          answer(value);
        }
      } catch (error) {
        fail(error);
      }
    },
  }),
});

Object.defineProperty(globalThis, 'deopt', {
  value: (reason) => {
    throw new Deopt(reason === undefined ? 'unspecified' : String(reason));
  },
});

const argumentsOf = (args) => {
  try {
    return stringify(args, check) ?? '';
  } catch (error) {
    throw error instanceof InvalidResult ? new TypeError(error.words) : error;
  }
};

const PERMISSION = 'PermissionError: ';
const startsWith = Function.prototype.call.bind(String.prototype.startsWith);
const slice = Function.prototype.call.bind(String.prototype.slice);

const tool = (name, args) => {
  const { value, error, problem } = parse(invoke('tool', String(name), argumentsOf(args ?? {})));
  if (error !== undefined) {
    throw startsWith(error, PERMISSION) ? new PermissionError(slice(error, PERMISSION.length)) : new ToolError(error, problem);
  }
  return value;
};

Object.defineProperty(globalThis, 'tool', { value: tool });

const { freeze } = Object;

// The runtime values of the application, which are tools too.
const entry = (key) => {
  const { found, value, version, expiresAt } = tool('core.state.get', { key });
  return found ? { value, version, expiresAt } : null;
};

Object.defineProperty(globalThis, 'state', {
  writable: true,
  configurable: true,
  value: freeze({
    get: (key) => entry(key)?.value ?? null,
    entry,
    set: (key, value, { ttlSeconds, expectedVersion } = {}) =>
      tool('core.state.set', { key, value, ttlSeconds, expectedVersion }).version,
    increment: (key, by = 1, { ttlSeconds } = {}) => tool('core.state.increment', { key, by, ttlSeconds }).value,
    delete: (key, { expectedVersion } = {}) => tool('core.state.delete', { key, expectedVersion }).deleted,
  }),
});

// xoshiro128**, seeded by the host when it is first asked for in a call.
let seeds;
const rotated = (number, by) => (number << by) | (number >>> (32 - by));
Math.random = () => {
  if (seeds === undefined) {
    const seed = invoke('random', '', '');
    if (seed === '') {
      throw refused('Math.random', 'random');
    }
    seeds = [0, 8, 16, 24].map((at) => Number(`0x${seed.slice(at, at + 8)}`) | 0);
  }
  const result = Math.imul(rotated(Math.imul(seeds[1], 5), 7), 9) >>> 0;
  const shifted = seeds[1] << 9;
  seeds[2] ^= seeds[0];
  seeds[3] ^= seeds[1];
  seeds[1] ^= seeds[2];
  seeds[0] ^= seeds[3];
  seeds[2] ^= shifted;
  seeds[3] = rotated(seeds[3], 11);
  return result / 4294967296;
};

const Calendar = Date;
const now = () => {
  const time = invoke('clock', '', '');
  if (time === '') {
    throw refused('the clock', 'clock');
  }
  return Number(time);
};
globalThis.Date = new Proxy(Calendar, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new Calendar(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
Calendar.prototype.constructor = globalThis.Date;
delete globalThis.java_invoke;
delete globalThis.Javy;
