import { describe, expect, it } from 'vitest';
import { createCairnSerializer } from '../../src/encoding/cairn-serializer.js';
import { type RegisteredClass, registerClass } from '../../src/encoding/registry.js';
import { CorruptCheckpointError, UnserializableValueError } from '../../src/errors/encoding-errors.js';
import { InvalidArgumentError } from '../../src/errors/storage-errors.js';

class Money {
  readonly #cents: bigint;
  constructor(cents: bigint) {
    this.#cents = cents;
  }
  get cents(): bigint {
    return this.#cents;
  }
}
class Tax extends Money {}
class Account {
  readonly owner: unknown;
  readonly balance: Money;
  constructor(owner: unknown, balance: Money) {
    this.owner = owner;
    this.balance = balance;
  }
}
class Declined extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`declined with ${code}`);
    this.code = code;
  }
}
class Bag extends Map<string, number> {}
class Path extends Array<string> {}

const money = registerClass({
  name: 'Money',
  class: Money,
  toData: (m) => m.cents,
  fromData: (cents) => new Money(cents as bigint),
});
const account = registerClass({
  name: 'Account',
  class: Account,
  toData: ({ owner, balance }) => ({ owner, balance }),
  fromData: (data) => new Account((data as Account).owner, (data as Account).balance),
});
const declined = registerClass({
  name: 'Declined',
  class: Declined,
  toData: (e) => e.code,
  fromData: (code) => new Declined(code as number),
});
const bag = registerClass({
  name: 'Bag',
  class: Bag,
  toData: (b) => [...b],
  fromData: (entries) => new Bag(entries as [string, number][]),
});
const path = registerClass({
  name: 'Path',
  class: Path,
  toData: (p) => p.join('/'),
  fromData: (text) => Path.from((text as string).split('/')),
});

const serializer = createCairnSerializer({ classes: [money, account, declined, bag, path] });
const roundTrip = <T>(value: T): T => serializer.decode(serializer.encode(value)) as T;

describe('instances of registered classes', () => {
  it('come back as instances', () => {
    const back = roundTrip({ a: [new Money(5n)] });
    expect(back.a[0]).toBeInstanceOf(Money);
    expect(back.a[0]?.cents).toBe(5n);
  });

  it('may hold each other, and may be derived from built-ins', () => {
    const back = roundTrip(new Account({ name: 'Ann' }, new Money(7n)));
    expect(back).toBeInstanceOf(Account);
    expect(back.balance.cents).toBe(7n);
    expect(roundTrip(new Declined(5))).toMatchObject({ code: 5, message: 'declined with 5' });
    expect(roundTrip(new Declined(5))).toBeInstanceOf(Declined);
    expect(roundTrip(new Bag([['a', 1]]))).toEqual(new Bag([['a', 1]]));
    expect(roundTrip(Path.of('a', 'b'))).toBeInstanceOf(Path);
  });

  it('keep their identity', () => {
    const shared = new Money(1n);
    const [a, b, other] = roundTrip([shared, shared, new Money(1n)]);
    expect(a).toBe(b);
    expect(other).not.toBe(a);
  });

  it('may refer to the plain objects around them', () => {
    const owner: Record<string, unknown> = {};
    owner['account'] = new Account(owner, new Money(1n));
    const back = roundTrip(owner);
    expect((back['account'] as Account).owner).toBe(back);
  });

  it('are refused where their data leads back to themselves', () => {
    const owner: Record<string, unknown> = {};
    owner['account'] = new Account(owner, new Money(1n));
    expect(() => serializer.encode(owner['account'])).toThrow(/leads back to a registered instance/);
    const selfish = registerClass({
      name: 'S',
      class: Account,
      toData: (self) => [self],
      fromData: () => new Account(0, new Money(0n)),
    });
    const by = createCairnSerializer({ classes: [selfish] });
    expect(() => by.encode({ a: new Account(0, new Money(0n)) })).toThrow(UnserializableValueError);
  });

  it('are refused when they are of a class derived from the registered one', () => {
    expect(() => serializer.encode([new Tax(1n)])).toThrow(/the class Tax, which is not registered/);
  });

  it('name the class and the path when their data can not be kept', () => {
    const broken = new Account({ name: () => 1 }, new Money(1n));
    expect(() => serializer.encode({ a: [broken] })).toThrow(
      expect.objectContaining({ path: 'a[0]<Account data>.owner.name' }),
    );
  });

  it('may be stored after they were refused once', () => {
    const owner: Record<string, unknown> = { callback: () => 1 };
    const mended = new Account(owner, new Money(1n));
    expect(() => serializer.encode(mended)).toThrow(UnserializableValueError);
    delete owner['callback'];
    const [a, b] = roundTrip([mended, mended]);
    expect(a).toBe(b);
  });

  it('may use the serializer in toData and fromData', () => {
    class Letter {
      readonly content: unknown;
      constructor(content: unknown) {
        this.content = content;
      }
    }
    const letter: RegisteredClass = registerClass({
      name: 'Letter',
      class: Letter,
      toData: ({ content }) => by.encode(content),
      fromData: (bytes) => new Letter(by.decode(bytes as Uint8Array)),
    });
    const by = createCairnSerializer({ classes: [letter] });
    const value = {
      before: 'x'.repeat(50),
      letter: new Letter({ inner: new Letter([1]), key: 'y'.repeat(50_000) }),
      after: { key: 1 },
    };
    for (let i = 0; i < 3; i++) expect(by.decode(by.encode(value))).toEqual(value);
  });
});

describe('reading instances', () => {
  const bytes = serializer.encode({ a: new Money(5n) });

  it('goes by the registered name alone', () => {
    class Cash extends Money {}
    const renamed = { ...money, class: Cash, fromData: (cents: unknown) => new Cash(cents as bigint) };
    const back = createCairnSerializer({ classes: [renamed] }).decode(bytes) as { a: unknown };
    expect(back.a).toBeInstanceOf(Cash);
  });

  it('fails with the remedy where the class is not registered', () => {
    expect(() => createCairnSerializer().decode(bytes)).toThrow(/no class is registered as "Money"; register it/);
  });

  it('fails where fromData throws or gives something else', () => {
    for (const fromData of [
      () => null,
      () => ({}),
      (): never => {
        throw new Error('old data');
      },
    ]) {
      const by = createCairnSerializer({ classes: [{ ...money, fromData }] });
      expect(() => by.decode(bytes)).toThrow(CorruptCheckpointError);
    }
  });

  it('fails where the data refers to the instance that is being made', () => {
    const selfReference = Uint8Array.of(1, 0xcb, 0x45, ...Buffer.from('Money'), 0xbc, 0);
    expect(() => serializer.decode(selfReference)).toThrow(/refers to the instance/);
  });
});

describe('a registration is refused', () => {
  it.each<[string, readonly RegisteredClass[]]>([
    ['a name twice', [money, { ...account, name: 'Money' }]],
    ['a class twice', [money, { ...money, name: 'Cash' }]],
    ['an empty name', [{ ...money, name: '' }]],
    ['no class', [{ ...money, class: (() => 1) as unknown as typeof Money }]],
    ['Object', [{ ...money, class: Object } as RegisteredClass]],
    ['Array', [{ ...money, class: Array } as RegisteredClass]],
  ])('%s', (_, classes) => {
    expect(() => createCairnSerializer({ classes })).toThrow(InvalidArgumentError);
  });
});
