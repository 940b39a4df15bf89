interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

interface Channel {
  readonly port1: Port;
  readonly port2: Port;
}

interface Platform {
  setImmediate?: (fn: () => void) => unknown;
  process?: { getBuiltinModule?: (name: 'node:worker_threads') => { readonly MessageChannel: new () => Channel } };
}

// As they are when the kit is imported: fake timers that a test installs later stop what is looked up then.
const { setImmediate, process } = globalThis as Platform;

/** Promise reactions in a row that are waited for where turns of the event loop cannot be told apart. */
const MANY = 1000;

/** Until all promise reactions that are due have run, whatever stands in for the platform's timers. */
export function settled(): Promise<void> {
  if (setImmediate !== undefined && !isFake(setImmediate)) {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const workers = process?.getBuiltinModule?.('node:worker_threads');
  return workers === undefined ? reactions() : nextMessage(new workers.MessageChannel());
}

/** A message has its turn after all reactions, and is nothing that fake timers know of. */
function nextMessage({ port1, port2 }: Channel): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

async function reactions(): Promise<void> {
  for (let n = 0; n < MANY; n++) await Promise.resolve();
}

/** Those of sinon, which Jest and Vitest use, or a mock of Jest's. */
function isFake(timer: object): boolean {
  return 'clock' in timer || '_isMockFunction' in timer;
}
