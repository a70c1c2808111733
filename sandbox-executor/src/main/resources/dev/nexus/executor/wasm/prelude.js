// Evaluated once, before any script. What a script gets: deopt(reason). What it loses: the door to
// the host, the clock and chance, because handle(input) may depend on its input only.
const invoke = globalThis.java_invoke;
const { parse, stringify } = JSON;
const resolve = Promise.resolve.bind(Promise);

class Deopt {
  constructor(reason) {
    this.reason = reason;
  }
}

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

const answer = (value) => {
  const json = stringify(value);
  if (json === undefined) {
    invoke('error', '', `handle returned ${typeof value}, a JSON value is expected`);
  } else {
    invoke('result', '', json);
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

const unavailable = (what) => () => {
  throw new Error(`${what} is not available: handle may depend on its input only`);
};

Math.random = unavailable('Math.random');
const Calendar = Date;
const now = unavailable('the clock');
globalThis.Date = new Proxy(Calendar, {
  construct: (target, args, made) => (args.length === 0 ? now() : Reflect.construct(target, args, made)),
  apply: () => now(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
Calendar.prototype.constructor = globalThis.Date;
delete globalThis.java_invoke;
delete globalThis.Javy;
