import { cpus } from 'node:os';
import { versionOf } from '../libraries';
import { verdictTable } from '../verdict-table';
import type { Finding } from './finding';

/** All that was found, in Markdown, which reads well in a terminal too. */
export function fleetReport(findings: readonly Finding[], server: string): string {
  const verdicts = findings.flatMap((finding) => finding.verdicts);
  return [
    '# Benchmark of a fleet',
    'Written by `npm run bench:fleet -- --write`.',
    `${new Date().toISOString().slice(0, 10)}, breaker-box ${versionOf('breaker-box')}, node ${process.versions.node}, redis-server ${server}, redis ${versionOf('redis')} (client), ${cpus().length} cores.`,
    ...(verdicts.length === 0 ? [] : [verdictTable(verdicts)]),
    ...findings.map(({ details }) => details),
    '## How it is measured',
    method,
  ].join('\n\n');
}

const method = `A redis-server of its own, without persistence, on 127.0.0.1, and processes of one machine, each with a connection of its own. Times between processes
are by the monotonic clock that they have in common.

- Closed calls: shared and local breakers in one process, in turns, as in [the other benchmark](README.md); the median of the rounds' ratios, and the range
  that holds the middle half of them.
- Trips: one failure in one process, which opens the circuit of all (\`failureThreshold: 1\`, \`quorum: { min: 1, ratio: 0 }\`), each process in turn. From its own transition to that
  of each other process, in which a call is made there and then, and must be rejected. An operator's \`reset\` closes all.
- Half-open rounds: every process calls all the time; the dependency, an HTTP server, always fails and takes up to 10 ms. A round is over when its probe is answered;
  the next cannot begin before the open time has passed. What the dependency counts must be what the store does.
- Killed probers: the dependency does not answer; the process of the probe gets SIGKILL at a random time, and another one takes its place afterwards. When its lease ends is
  read of the record in Redis.
- Tenants: 48 registries in two processes, each with a connection of its own and a breaker for each of 1,000 keys. The share of a core is by \`used_cpu_user\` and \`used_cpu_sys\` of \`INFO cpu\`.
- Quorum and pooled counts: real breakers in virtual time, by a fixed seed; for the quorum a model of the votes ([decision 25](../docs/decisions/0025-fleet-quorum.md)).
- Hostile messages: the processor time of a process that hears them, less that of the same process in quiet.`;
