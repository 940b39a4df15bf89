import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry, type OpenMetricsContentType } from 'prom-client';
import { BreakerRegistry, withPolicies } from '../../../../lib';
import { prometheusMetrics } from '../../../../lib/adapters/prometheus';
import { memoryStore, shareBreakers } from '../../../../lib/fleet';
import { sleep } from '../../../../lib/core/timer';
import { fails, scripted, works } from '../../../composition/support/flaky';
import { TimerClock } from '../../../support/timer-clock';

/** A program with traffic of every kind, that shows its metrics over HTTP. */
export class Program {
  readonly #clock = new TimerClock();
  readonly #registry = new BreakerRegistry({ clock: this.#clock, random: () => 0.5 });
  readonly #stop: () => void;
  readonly #server: Server = createServer((_request, response) => {
    void this.#register.metrics().then((text) => response.setHeader('content-type', this.#register.contentType).end(text));
  });

  readonly #register: Registry | Registry<OpenMetricsContentType>;

  constructor(register: Registry | Registry<OpenMetricsContentType> = new Registry()) {
    this.#register = register;
    const sharing = shareBreakers(this.#registry, memoryStore({ clock: this.#clock }), { operations: ['shared'] });
    const stop = prometheusMetrics(this.#registry, { register });
    this.#stop = () => {
      stop();
      sharing.stop();
    };
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/metrics`;
  }

  /** Retries, an outage with its rejections and probes, timeouts, hedges, full limits, a cache, a fallback, and a circuit that stays open. */
  async work(): Promise<void> {
    const { registry, clock } = { registry: this.#registry, clock: this.#clock };
    const common = { registry, retry: { baseDelay: 20, budget: {} }, breaker: { failureThreshold: 3, recoveryTimeout: 1000 } };
    const orders = withPolicies(scripted(works(), fails(), works(), fails(), fails(), fails(), works()), { ...common, name: 'orders' });
    for (let n = 0; n < 5; n++) await clock.until(orders().catch(() => undefined));
    await clock.advance(1000);
    await clock.until(orders());

    const slow = withPolicies(() => sleep(500, clock), { ...common, name: 'slow', timeout: 100 });
    await clock.until(slow().catch(() => undefined));

    const hedged = withPolicies(
      () => sleep(50, clock),
      { registry, name: 'hedged', hedge: { delay: 10, idempotent: true } },
    );
    await clock.until(hedged());
    await clock.advance(100);

    const mail = withPolicies(scripted(works()), { ...common, name: 'mail' });
    await mail();
    this.#registry.trip('mail');
    await mail().catch(() => undefined);

    const search = withPolicies(scripted(works(), fails()), {
      registry, name: 'search', cache: '1m', fallback: () => [], rateLimit: { limit: 3, interval: '1h' }, throttle: { k: 1 }, breaker: {},
    });
    await Promise.all([search('fuse'), search('fuse')]);
    for (const words of ['fuse', 'box', 'relay', 'switch', 'wire']) await search(words);

    const report = withPolicies(() => sleep(100, clock), { registry, name: 'report', bulkhead: { maxConcurrent: 1, maxQueue: 1 } });
    const reports = [report(), report(), report().catch(() => undefined)];
    await clock.until(Promise.all(reports));
  }

  async stop(): Promise<void> {
    this.#stop();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
