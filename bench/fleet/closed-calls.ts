import { BreakerRegistry, withBreaker } from 'breaker-box';
import { fromNodeRedis, redisStore, shareBreakers } from 'breaker-box/redis';
import { around } from '../contenders/around';
import { ratio, type Spread } from '../statistics';
import { awaited, time, type Contender } from '../timing';
import type { Finding } from './finding';
import type { Connection } from './fleet';

const AT_MOST = 1.03;
/** By how much medians of two runs differ on a machine that does other things as well. */
const NOISE = 0.1;

/** What it costs a call of a closed circuit that the circuit is shared. */
export async function closedCalls(client: Connection, rounds: number): Promise<Finding> {
  const registries = { local: new BreakerRegistry(), verdict: new BreakerRegistry(), counters: new BreakerRegistry() };
  const sharings = (['verdict', 'counters'] as const).map((share) => {
    return shareBreakers(registries[share], redisStore(fromNodeRedis(client), { prefix: `closed-calls:${share}` }), { share });
  });
  const contenders = Object.entries(registries).map(([name, registry]): Contender => ({ name, ...around((operation) => withBreaker(operation, { registry })) }));
  const timings = await time([{ title: 'closed', loop: awaited, contenders }], rounds);
  for (const sharing of sharings) sharing.stop();

  const overLocal = (name: keyof typeof registries): Spread => {
    const [shared, local] = [name, 'local'].map((contender) => timings.get('closed')!.get(contender)!.samples);
    return ratio(shared!, local!);
  };
  const verdict = overLocal('verdict');
  return {
    verdicts: [
      {
        target: "Closed call: shared ('verdict') / local only",
        limit: String(AT_MOST),
        measured: inWords(verdict),
        met: verdict.median <= AT_MOST,
        failed: verdict.median > AT_MOST * (1 + NOISE),
      },
    ],
    details: `A closed call with pooled counts (\`share: 'counters'\`) takes ${inWords(overLocal('counters'))} of the local one, by ${rounds} rounds in turns.`,
  };
}

function inWords({ median, low, high }: Spread): string {
  return `${median.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
}
