/** Why a circuit opens by its own counts. `trip_rule`: a rule of the user's own. */
const TRIPS = ['failure_threshold', 'failure_rate', 'failure_count', 'slow_rate', 'trip_rule', 'probe_failed'] as const;

/** Why a circuit changes its state: the one list, for breakers, sharing and metrics. */
export const TRANSITION_REASONS = [
  ...TRIPS,
  'recovery_timeout',
  'probe_succeeded',
  'trip',
  'reset',
  'restored',
  'fleet',
] as const;

/** Why a circuit changes its state. `fleet`: the processes that share the breaker did. `trip`: it was tripped by hand. */
export type TransitionReason = (typeof TRANSITION_REASONS)[number];

/** The reason in the list; `trip_rule` for a text that a rule of the user's own gave. */
export function knownReason(reason: string): TransitionReason {
  return TRANSITION_REASONS.find((one) => one === reason) ?? 'trip_rule';
}

/** Whether a circuit opened by its own counts: not by hand, and not because other processes did. */
export function isTrip(reason: TransitionReason): boolean {
  return (TRIPS as readonly TransitionReason[]).includes(reason);
}
