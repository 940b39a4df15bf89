import { setImmediate as nextTurn } from 'node:timers/promises';

/** What is protected: a function of one argument, as most have some. */
export type Operation = (id: number) => Promise<unknown>;

/** Puts a policy of its own around an operation. */
export type Protect = (operation: Operation) => Operation;

export type Operations = Readonly<Record<string, Operation>>;

// Every contender protects several functions and is called with them in turn, as in a real program. With a single one,
// the compiler inlines it through the whole policy, and the figure tells nothing about any program but the benchmark.
// The bodies are written out because functions that come out of one literal are one function to the compiler. Each contender gets
// function objects of its own: what a wrapper does to the function it wraps must not change the calls of another.

/** Functions that work. */
export function working(): Operations {
  return {
    async fetchUser(id: number): Promise<number> {
      return id;
    },
    async fetchOrder(id: number): Promise<number> {
      return id + 1;
    },
    async chargeCard(id: number): Promise<boolean> {
      return id > 0;
    },
    async sendMail(id: number): Promise<unknown> {
      return id === -1 ? 'never' : undefined;
    },
  };
}

/** Functions that answer in the next turn of the event loop, which is the least that any I/O takes. */
export function answering(): Operations {
  return {
    async fetchUser(id: number): Promise<number> {
      await nextTurn();
      return id;
    },
    async fetchOrder(id: number): Promise<number> {
      await nextTurn();
      return id + 1;
    },
    async chargeCard(id: number): Promise<boolean> {
      await nextTurn();
      return id > 0;
    },
    async sendMail(id: number): Promise<unknown> {
      await nextTurn();
      return id === -1 ? 'never' : undefined;
    },
  };
}

// Made once: an error costs more than any of the policies, and is not theirs.
const refused = new Error('connect ECONNREFUSED');

/** Functions that fail. */
export function failing(): Operations {
  return {
    async fetchUser(_id: number): Promise<number> {
      throw refused;
    },
    async fetchOrder(id: number): Promise<number> {
      if (id > -1) throw refused;
      return id;
    },
    async chargeCard(id: number): Promise<boolean> {
      if (id !== -1) throw refused;
      return true;
    },
    async sendMail(id: number): Promise<unknown> {
      if (id >= 0) throw refused;
      return undefined;
    },
  };
}

/** Protects each of them. */
export function each(operations: Operations, protect: Protect): Operation[] {
  return Object.values(operations).map((operation) => protect(operation));
}
