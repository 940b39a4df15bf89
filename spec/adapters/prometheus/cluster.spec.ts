import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { AggregatorRegistry } from 'prom-client';
import { programOf } from '../../support/programs';
import '../../support/real-work';
import type { Ending } from './support/worker';

const workers: Worker[] = [];
let lines: string[];

async function fork(kind: Ending): Promise<void> {
  cluster.setupPrimary({ exec: programOf('metrics-worker'), execArgv: [], args: [kind] });
  const worker = cluster.fork();
  workers.push(worker);
  await once(worker, 'message');
}

beforeAll(async () => {
  const aggregator = new AggregatorRegistry();
  await Promise.all([fork('open'), fork('closed'), fork('open')]);
  lines = (await aggregator.clusterMetrics()).split('\n');
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => {
    const exit = once(worker, 'exit');
    worker.process.kill();
    return exit;
  }));
});

/** The only value of a series. */
function valueOf(series: string): number {
  const found = lines.filter((line) => line.startsWith(`${series} `));
  expect(found).toHaveLength(1);
  return Number(found[0]!.slice(series.length + 1));
}

// Rule 63: two workers of three have an open circuit, a nearly spent budget, and a full bulkhead.
describe('the metrics of workers of node:cluster, aggregated by prom-client', () => {
  it('show a state that any worker is in as 1, not as how many are', () => {
    const states = ['closed', 'open', 'half_open'].map((state) => valueOf(`breaker_box_breaker_state{operation="db",state="${state}"}`));
    expect(states).toEqual([1, 1, 0]);
  });

  it('show the highest failure ratio, and the longest time until a probe', () => {
    expect(valueOf('breaker_box_breaker_failure_ratio{operation="db"}')).toBe(0.5);
    const nextProbe = valueOf('breaker_box_breaker_next_probe_seconds{operation="db"}');
    expect(nextProbe).toBeGreaterThan(0);
    expect(nextProbe).toBeLessThanOrEqual(30);
  });

  it('show the least retry budget, so that an alert on a spent one still fires', () => {
    expect(valueOf('breaker_box_retry_budget{operation="db"}')).toBe(2);
  });

  it('add up slots, their limits, and queues', () => {
    expect(valueOf('breaker_box_bulkhead_usage{operation="report"}')).toBe(5);
    expect(valueOf('breaker_box_bulkhead_limit{operation="report"}')).toBe(6);
    expect(valueOf('breaker_box_bulkhead_queued{operation="report"}')).toBe(6);
  });

  it('add up what counts', () => {
    expect(valueOf('breaker_box_rejections_total{operation="db",reason="open"}')).toBe(2);
    expect(valueOf('breaker_box_calls_total{operation="db",outcome="success"}')).toBe(9);
    expect(valueOf('breaker_box_call_duration_seconds_count{operation="db",outcome="failure"}')).toBe(4);
  });
});
