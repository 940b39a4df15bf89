import type { FleetReading } from '../../registry/fleet-reading';
import type { GaugeMetric, Metric } from './metrics';

/** A metric of the sharing of a registry's breakers. It has no labels: a registry has one fleet. */
interface OfFleet {
  readonly read: (fleet: FleetReading) => number;
}

const define = (name: string, unit: Metric['unit'], help: string): Metric => ({ name: `breaker_box.fleet.${name}`, help, labels: [], ...(unit && { unit }) });

const counter = (name: string, unit: Metric['unit'], help: string, read: OfFleet['read']): Metric & OfFleet => ({ ...define(name, unit, help), read });

const gauge = (aggregate: GaugeMetric['aggregate'], name: string, unit: Metric['unit'], help: string, read: OfFleet['read']): GaugeMetric & OfFleet => ({
  ...define(name, unit, help),
  aggregate,
  read,
});

/** There only while breakers are shared. */
export const FLEET_COUNTERS = {
  commands: counter('commands', '{command}', 'Commands that were sent to the store of shared breakers', ({ stats }) => stats.commands),
  unanswered: counter('unanswered', '{command}', 'Commands to the store of shared breakers that failed, or were given up', ({ stats }) => stats.unanswered),
  votes: counter('votes', '{vote}', 'Votes to open a shared breaker that the store took', ({ stats }) => stats.votes),
};

export const FLEET_GAUGES = {
  storeUp: gauge('min', 'store_up', undefined, 'Whether the store of shared breakers answers, 1 or 0; where it does not, breakers are local', ({ health }) => (health === 'up' ? 1 : 0)),
  breakers: gauge('sum', 'breakers', '{breaker}', 'Breakers that are shared', ({ stats }) => stats.breakers),
  probesHeld: gauge('sum', 'probes_held', '{probe}', 'Probe slots of shared breakers that this process holds', ({ stats }) => stats.probesHeld),
  processes: gauge('max', 'processes', '{process}', 'Processes that share breakers and are alive', ({ stats }) => stats.processes),
};
