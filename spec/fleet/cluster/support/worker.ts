/** A worker that does with a store what its primary asks it to, over the channel that the store uses as well. */
import '../../../../scripts/support/dev';
import { clusterPrimary, clusterStore } from '../../../../lib/fleet/cluster';
import { registry, withBreaker } from '../../../../lib';
import { shareBreakers, type Expected, type Stored } from '../../../../lib/fleet';
import { storeContract } from '../../../../lib/testing';

export type Task =
  | { readonly kind: 'read'; readonly name: string }
  | { readonly kind: 'write'; readonly name: string; readonly expected: Expected; readonly next: Stored }
  | { readonly kind: 'subscribe' }
  | { readonly kind: 'heard' }
  | { readonly kind: 'raw' }
  | { readonly kind: 'send'; readonly message: object }
  | { readonly kind: 'burst'; readonly commands: number }
  | { readonly kind: 'tell how commands end without a primary' }
  | { readonly kind: 'keep the contract'; readonly check: string }
  | { readonly kind: 'share' }
  | { readonly kind: 'call'; readonly fails: boolean }
  | { readonly kind: 'become a primary' };

interface Assigned {
  readonly task: Task;
  readonly n: number;
}

export type Done = { readonly done: number } & ({ readonly result: unknown } | { readonly failure: string });

const store = clusterStore();
const heard: unknown[] = [];
/** All messages of the channel but tasks: those of the store, and of others. */
const raw: unknown[] = [];

async function carryOut(task: Task): Promise<unknown> {
  switch (task.kind) {
    case 'read':
      return store.read([task.name]);
    case 'write':
      return store.compareAndSet(task.name, task.expected, task.next, 60_000);
    case 'subscribe':
      return void store.subscribe!((message) => heard.push(message));
    case 'heard':
      return heard;
    case 'raw':
      return raw;
    case 'send':
      return void process.send!(task.message);
    case 'burst':
      return burst(task.commands);
    case 'tell how commands end without a primary':
      return void tellHowCommandsEnd();
    case 'keep the contract':
      return storeContract.find(({ name }) => name === task.check)!.run({ store });
    case 'share':
      return void shareBreakers(registry, store, { quorum: { min: 1, ratio: 0 }, pollInterval: '100ms' });
    case 'call':
      return call(task.fails);
    case 'become a primary':
      return void clusterPrimary();
  }
}

/** How the commands ended, by what they ended with. */
async function burst(commands: number): Promise<Record<string, number>> {
  // All at once, so that the primary cannot read one before the next is sent.
  const ends = await Promise.allSettled(Array.from({ length: commands }, (_, n) => store.read([`burst${n % 10}`])));
  const counts: Record<string, number> = {};
  for (const end of ends) {
    const text = end.status === 'fulfilled' ? 'answered' : String(end.reason);
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

/** To the standard output: there is no channel any more. */
async function tellHowCommandsEnd(): Promise<void> {
  const endOf = (): Promise<string> => store.read(['x']).then(() => 'answered', String);
  const underWay = await endOf();
  console.log(JSON.stringify({ underWay, afterwards: await endOf() }));
}

const call = withBreaker(
  async (fails: boolean) => {
    if (fails) throw new Error('down');
    return 'done';
  },
  { name: 'users.fetch', failureThreshold: 1, recoveryTimeout: '500ms' },
);

const send = (message: Done | 'ready'): void => void process.send!(message);

process.on('message', (message: Partial<Assigned>) => {
  const { task, n } = message;
  if (task === undefined || n === undefined) {
    raw.push(message);
    return;
  }
  carryOut(task).then(
    (result) => send({ done: n, result }),
    (error: unknown) => send({ done: n, failure: String(error) }),
  );
});

send('ready');
