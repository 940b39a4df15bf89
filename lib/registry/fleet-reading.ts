/** What has gone between a process and the store of its fleet, and what the process knows of the others. */
export interface SharingStats {
  /** Breakers that are shared. */
  readonly breakers: number;
  /** Commands that were sent to the store. */
  readonly commands: number;
  /** Commands that failed, or were given up. */
  readonly unanswered: number;
  /** Messages that were not understood, or about breakers that this process does not have. */
  readonly ignored: number;
  /** Votes of this process that the store took. */
  readonly votes: number;
  /** Probe slots that this process holds. */
  readonly probesHeld: number;
  /** Processes of the fleet that are alive, as the store told last; 0 before it did. */
  readonly processes: number;
}

/** What metrics read of a fleet. */
export interface FleetReading {
  /** `down`: the store does not answer, and each breaker goes on by itself. */
  readonly health: 'up' | 'down';
  readonly stats: SharingStats;
}
