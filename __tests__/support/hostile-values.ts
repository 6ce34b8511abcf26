// Values that a program could hand over instead of data, each made anew: some remember that they were asked.

/** One object in many places: a tree of 2^40 leaves, if every place is followed. */
function shared(): unknown {
  let value: unknown = ['x'];
  for (let level = 0; level < 40; level++) value = { one: value, other: value };
  return value;
}

function deep(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function endless(): object {
  return {
    get more() {
      return endless();
    },
  };
}

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push({ list });
  return list;
}

const failing = (): never => {
  throw null;
};

const allTraps = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((trap) => [trap, failing]),
) as ProxyHandler<object>;

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function withIterator(): unknown {
  const list = ['a'];
  Object.defineProperty(list, Symbol.iterator, { value: failing });
  return list;
}

export const HOSTILE_VALUES: readonly (() => unknown)[] = [
  shared,
  () => deep(100_000),
  endless,
  cyclic,
  withIterator,
  () => new Proxy({}, allTraps),
  () => new Proxy([], allTraps),
  () => new Proxy(() => {}, allTraps),
  () => revoked({}),
  () => revoked([]),
  () => new Proxy({}, { get: () => new Proxy({}, {}), ownKeys: () => ['a', 'b'] }),
  () => Object.create(new Proxy({}, allTraps)),
  () => Object.setPrototypeOf([], new Proxy([], allTraps)),
  () => Object.setPrototypeOf(['a'], null),
  () => Object.defineProperty({}, 'name', { enumerable: true, get: failing }),
  () => Object.defineProperty([1], '0', { enumerable: true, get: failing }),
  () => Object.defineProperty({}, 'kind', { enumerable: true, get: failing }),
  () => ({ toString: failing, toJSON: failing, valueOf: failing, [Symbol.toPrimitive]: failing }),
  () => Object.assign([1, 2], { length: 4_294_967_295 }),
  () => new Array(100_000),
  () => Object.assign(new Array(2), { 1: 'a' }),
  () => ({ length: 3, 0: 'a' }),
  () => Array.from({ length: 1_000 }, () => 'a'),
  () => Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index])),
  () => Object.fromEntries([['x'.repeat(1_000_000), 1]]),
  ...[' ', 'a', '-', 'a-', '1.', '${', '\0', '\ud800', ',1', 'a.', '/', '=1', '; ', '\n'].map(
    (part) => () => part.repeat(1_000_000 / part.length),
  ),
  ...[' ', 'a', 'a-', '1.', ',1', 'a.', '/a', ':'].map((part) => () => `${part.repeat(4_000)}!`),
  () => Symbol('x'),
  () => Symbol.iterator,
  () => 10n ** 1000n,
  () => Number.NaN,
  () => -0,
  () => new Date(Number.NaN),
  () => new (class Login {})(),
  () => class {},
  () => async () => {},
  () => new WeakMap(),
  () => Promise.resolve(),
  () => new Error('x'),
  () => JSON.parse('{"__proto__": {"kind": "role"}}'),
  () => ({ __proto__: { kind: 'role' } }),
  () => Object.create({ kind: 'role' }, { role: { value: 'r', enumerable: true } }),
  () => ({ [Symbol.toStringTag]: 'Module', kind: 'role' }),
];
