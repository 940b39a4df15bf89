import { withBreaker } from '../../../lib';
import { memoryStore, shareBreakers, type ShareOptions } from '../../../lib/fleet';
import { logTransitions } from '../../../lib/operate';
import { TimerClock } from '../../support/timer-clock';
import { fails, pending, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { Exporter } from './support/exporter';

const SHARE: ShareOptions = { quorum: { min: 1, ratio: 0 }, pollInterval: 100, lease: 1000 };

/** A process of a fleet, its metrics, and the lines of its log. */
class Process {
  readonly exporter: Exporter;
  readonly lines: string[] = [];
  readonly call: () => Promise<unknown>;
  readonly sharing: ReturnType<typeof shareBreakers>;

  constructor(clock: TimerClock, store: Parameters<typeof shareBreakers>[1], work: () => Promise<unknown>) {
    this.exporter = new Exporter(() => 0.5, clock);
    const { registry } = this.exporter;
    const log = (_fields: object, message: string): unknown => this.lines.push(message);
    logTransitions(registry, { info: log, warn: log });
    this.call = withBreaker(work, { name: 'db', registry, failureThreshold: 1, recoveryTimeout: 2000 });
    this.sharing = shareBreakers(registry, store, SHARE);
  }

  /** The metrics of its fleet. */
  async metrics(): Promise<Record<string, number>> {
    const lines = (await this.exporter.text()).split('\n').filter((line) => line.startsWith('breaker_box_fleet_'));
    return Object.fromEntries(lines.map((line) => [line.split(' ')[0]!.replace('breaker_box_fleet_', ''), Number(line.split(' ')[1])]));
  }
}

let clock: TimerClock;

beforeEach(() => {
  clock = new TimerClock();
});

describe('the metrics of a fleet', () => {
  it('are not there while nothing is shared: no store counts as away', async () => {
    const { exporter } = new Process(clock, memoryStore({ clock }), scripted(works()));
    const local = new Exporter();
    expect(await exporter.text()).toMatch(/^breaker_box_fleet_store_up 1$/m);
    expect(await local.text()).not.toMatch(/^breaker_box_fleet/m);
  });

  it('are gone when the sharing has ended', async () => {
    const process = new Process(clock, memoryStore({ clock }), scripted(works()));
    expect(Object.keys(await process.metrics())).toHaveLength(7);
    process.sharing.stop();
    expect(await process.metrics()).toEqual({});
  });

  it('count votes, probe slots that are held, and processes', async () => {
    const store = memoryStore({ clock });
    const outcomes = [scripted(works()), scripted(fails()), pending()];
    const work = (): Promise<unknown> => outcomes.shift()!();
    const [one, other] = [new Process(clock, store, work), new Process(clock, store, scripted(works()))] as const;
    await Promise.all([one.call(), other.call()]);
    await clock.advance(2000);
    await rejectionOf(one.call());
    await clock.advance(100);
    expect(await one.metrics()).toMatchObject({ votes_total: 1, probes_held: 0, processes: 2, breakers: 1, store_up: 1 });
    expect(await other.metrics()).toMatchObject({ votes_total: 0 });
    await clock.advance(2000);
    void one.call().catch(() => undefined);
    await clock.advance(10);
    expect(await one.metrics()).toMatchObject({ probes_held: 1 });
    expect(await other.metrics()).toMatchObject({ probes_held: 0 });
  });

  it('give the reason fleet for what other processes did', async () => {
    const store = memoryStore({ clock });
    const [one, other] = [new Process(clock, store, scripted(fails(), works())), new Process(clock, store, scripted(works()))] as const;
    await rejectionOf(one.call());
    await clock.advance(100);
    expect(await other.exporter.series('breaker_box_breaker_transitions_total')).toEqual(['{operation="db",from="closed",to="open",reason="fleet"} 1']);
  });
});

describe('the log of a fleet', () => {
  it('says that it probes in the process that does, and in the others that another one does', async () => {
    const store = memoryStore({ clock });
    const work = scripted(fails(), works());
    // Longer than the others need to hear of it.
    const slowly = (): Promise<unknown> =>
      new Promise((resolve) => {
        clock.setTimeout(() => {
          resolve(work());
        }, 200);
      });
    const [one, other] = [new Process(clock, store, slowly), new Process(clock, store, scripted(works()))] as const;
    await clock.advance(1000);
    await clock.until(rejectionOf(one.call()));
    await clock.advance(2200);
    await clock.until(one.call());
    await clock.advance(100);
    expect(one.lines).toContain('db: circuit half open, probing');
    expect(other.lines.filter((line) => line.includes('half open'))).toEqual(['db: circuit half open, another process probes']);
    expect(other.lines.at(-1)).toMatch(/^db: circuit closed \(fleet\)/);
  });
});
