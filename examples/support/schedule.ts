import type { Fault } from './fault';

interface Moment {
  /** 1 for the first request since the schedule was set. */
  readonly call: number;
  /** Milliseconds since the schedule was set. */
  readonly elapsedMs: number;
}

/** Decides, request by request, which fault it meets; none means it is served. */
export type Schedule = (moment: Moment) => Fault | undefined;

export const never: Schedule = () => undefined;

export const always = (fault: Fault): Schedule => () => fault;

export const firstCalls = (count: number, fault: Fault): Schedule => ({ call }) => call <= count ? fault : undefined;

export const everyNth = (n: number, fault: Fault): Schedule => ({ call }) => call % n === 0 ? fault : undefined;

export const between = (fromMs: number, toMs: number, fault: Fault): Schedule => ({ elapsedMs }) =>
  elapsedMs >= fromMs && elapsedMs < toMs ? fault : undefined;

/** The first schedule that has a fault for this moment wins. */
export const firstOf = (...schedules: Schedule[]): Schedule => (moment) => {
  for (const schedule of schedules) {
    const fault = schedule(moment);
    if (fault) return fault;
  }
  return undefined;
};
