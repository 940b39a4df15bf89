/** What is protected: a function of one argument, as most have some. */
export type Operation = (id: number) => Promise<unknown>;

// Every contender protects several functions and is called with them in turn, as in a real program. With a single one,
// the compiler inlines it through the whole policy, and the figure tells nothing about any program but the benchmark.
// The bodies are written out because functions that come out of one literal are one function to the compiler.

/** Functions that work. */
export const working = {
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
    return id === -1 ? working : undefined;
  },
};

// Made once: an error costs more than any of the policies, and is not theirs.
const refused = new Error('connect ECONNREFUSED');

/** Functions that fail. */
export const failing = {
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

/** Protects each of them. */
export function each(operations: Readonly<Record<string, Operation>>, protect: (operation: Operation) => Operation): Operation[] {
  return Object.values(operations).map(protect);
}
