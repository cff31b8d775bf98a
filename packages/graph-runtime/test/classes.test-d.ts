/** The types of values that are more than data: instances of registered classes keep their class. */
import { type DeepReadonly, defineState, END, START, StateGraph, value } from '@cairn/graph-runtime';
import { describe, expectTypeOf, it } from 'vitest';

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  plus(other: Money): Money {
    return new Money(this.#cents + other.#cents);
  }
}

class Counter {
  private count = 0;
  tags: string[] = [];
  next(): number {
    return ++this.count;
  }
}

/** All public: a copy of it is as good. */
class Point {
  x = 0;
  tags: string[] = [];
}

interface Tree {
  name: string;
  children: Tree[];
}

const Bill = defineState({
  name: 'bill',
  version: 1,
  channels: { total: value(new Money(0)), paid: value<{ by: Money; at: string[] } | null>(null) },
});

describe("a class's instance", () => {
  it('with private members is read as its class', () => {
    expectTypeOf<DeepReadonly<Money>>().toEqualTypeOf<Money>();
    expectTypeOf<DeepReadonly<Counter>>().toEqualTypeOf<Counter>();
    expectTypeOf<DeepReadonly<{ by: Money[] }>>().toEqualTypeOf<{ readonly by: readonly Money[] }>();
    new StateGraph(Bill)
      .addNode('add', (state) => {
        expectTypeOf(state.total).toEqualTypeOf<Money>();
        return { total: state.total.plus(new Money(5)), paid: { by: state.total, at: [] } };
      })
      .addEdge(START, 'add')
      .addEdge('add', END);
  });

  it('without any is read-only, like data', () => {
    expectTypeOf<DeepReadonly<Point>>().toEqualTypeOf<{ readonly x: number; readonly tags: readonly string[] }>();
    const tree = {} as DeepReadonly<Tree>;
    // @ts-expect-error
    tree.name = 'b';
    // @ts-expect-error
    tree.children[0]?.children.push(tree);
    const tuple = {} as DeepReadonly<[string[], { a: number }]>;
    // @ts-expect-error
    tuple[1].a = 2;
    // @ts-expect-error
    tuple[0].push('x');
  });
});
