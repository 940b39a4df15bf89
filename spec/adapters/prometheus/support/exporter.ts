import { Registry } from 'prom-client';
import { BreakerRegistry } from '../../../../lib';
import { prometheusMetrics } from '../../../../lib/adapters/prometheus';
import { TimerClock } from '../../../support/timer-clock';

/** A registry whose metrics are exported, in virtual time. */
export class Exporter {
  readonly registry: BreakerRegistry;
  readonly register = new Registry();
  readonly stop: () => void;

  constructor(
    random?: () => number,
    readonly clock = new TimerClock(),
  ) {
    this.registry = new BreakerRegistry({ clock, random });
    this.stop = prometheusMetrics(this.registry, { register: this.register });
  }

  text(): Promise<string> {
    return this.register.metrics();
  }

  /** The series of a metric, without its name. */
  async series(metric: string): Promise<string[]> {
    const lines = (await this.text()).split('\n');
    return lines.filter((line) => line.startsWith(`${metric}{`)).map((line) => line.slice(metric.length)).sort();
  }
}
