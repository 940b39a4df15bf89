import { optional, options, resolve, when } from '../core/check';
import { systemClock, wallTime, type Clock } from '../core/clock';
import { ConfigurationError } from '../core/errors';
import { commonOptions, integer, text } from '../core/options';
import { causeChain, cut, describeThrown, propertyOf, asText } from '../core/safe-inspect';
import { attemptsOf } from '../retry/attempts';
import { ErrorSeverity, type ErrorContext, type ErrorReport, type ErrorReporter, type ErrorSummary, type ReportedError } from './error-reporter';
import { reasonOf } from './reason-of';
import { fileSystem, ReportFolder } from './report-folder';

export interface BasicErrorReporterOptions {
  /** Where the reports go; made when it is not there. */
  directory: string;
  /** Reports kept; integer ≥ 1. The oldest are deleted. @defaultValue 1000 */
  maxReports?: number | undefined;
  /** @defaultValue the system's clock */
  clock?: Clock | undefined;
}

const optionsSchema = /* @__PURE__ */ options({
  directory: text(),
  maxReports: optional(integer(1), 1000),
  clock: commonOptions.clock,
});

const hoursSchema = /* @__PURE__ */ when<number>((hours) => typeof hours === 'number' && hours >= 0, __DEV__ && 'must be a number >= 0, or Infinity');

const RECENT = 10;
const HOUR_MS = 3_600_000;

/**
 * Writes one JSON file for each report, and sums up what it finds in its directory: reports of earlier runs, and of other
 * processes that use the same one, included.
 */
export class BasicErrorReporter implements ErrorReporter {
  readonly #folder: ReportFolder;
  readonly #clock: Clock;

  /** @throws {@link ConfigurationError} that names every wrong option, or that there is no file system. */
  constructor(given: BasicErrorReporterOptions) {
    const subject = 'new BasicErrorReporter';
    const { directory, maxReports, clock } = resolve(optionsSchema, given, subject);
    const files = fileSystem();
    if (files === undefined) {
      const message = `needs a file system: process.getBuiltinModule('node:fs'), which Node >= 20.16, Bun and Deno have; implement ErrorReporter to report elsewhere`;
      throw new ConfigurationError(subject, [{ path: 'directory', message, received: directory }]);
    }
    this.#folder = new ReportFolder(directory, maxReports, files);
    this.#clock = clock ?? systemClock;
  }

  /** Writes a report. Rejects when that fails. */
  async reportError(error: unknown, severity: ErrorSeverity, context: ErrorContext): Promise<void> {
    const nowMs = wallTime(this.#clock);
    const attempts = attemptsOf(error, context.operationName);
    const report: ErrorReport = {
      reportedAt: new Date(nowMs).toISOString(),
      severity,
      operationName: context.operationName,
      reason: reasonOf(error),
      ...(attempts !== undefined && { attempts }),
      error: describeError(error),
      context: plainFields(context),
    };
    await this.#folder.write(nowMs, context.operationName, JSON.stringify(report, undefined, 2));
  }

  /**
   * Summarizes the reports of the last `hours`.
   *
   * @param hours - A number ≥ 0, or `Infinity`.
   * @throws {@link ConfigurationError}
   */
  async getErrorSummary(hours = 24): Promise<ErrorSummary> {
    resolve(hoursSchema, hours, 'getErrorSummary');
    const reports: ErrorReport[] = [];
    for await (const content of this.#folder.since(wallTime(this.#clock) - hours * HOUR_MS)) {
      const report = parse(content);
      if (report !== undefined) reports.push(report);
    }
    return { hours, totalErrors: reports.length, bySeverity: countBySeverity(reports), recent: reports.slice(-RECENT) };
  }
}

/** A report as it was written; undefined when a file holds something else by now. */
function parse(content: string): ErrorReport | undefined {
  try {
    const report: unknown = JSON.parse(content);
    return isReport(report) ? report : undefined;
  } catch {
    return undefined;
  }
}

function isReport(value: unknown): value is ErrorReport {
  const { severity, operationName } = (value ?? {}) as Partial<ErrorReport>;
  return Object.values(ErrorSeverity).includes(severity as ErrorSeverity) && typeof operationName === 'string';
}

function countBySeverity(reports: readonly ErrorReport[]): Record<ErrorSeverity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of reports) counts[severity]++;
  return counts;
}

/** An error and its causes that are described. */
const MOST_CAUSES = 9;

const MOST_OF_STACK = 10_000;

/** The fields of an error that a report keeps: they identify it and its origin. A report keeps nothing else of it. Never throws. */
function describeError(error: unknown): ReportedError {
  const [outermost = describeOne(error), ...causes] = causeChain(error, MOST_CAUSES).map(describeOne);
  const cause = causes.reduceRight<ReportedError | undefined>((inner, one) => ({ ...one, ...(inner && { cause: inner }) }), undefined);
  return { ...outermost, ...(cause && { cause }) };
}

function describeOne(error: unknown): ReportedError {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return { ...describeThrown(error), name: typeof error };
  const stack = propertyOf(error, 'stack');
  return { ...describeThrown(error), ...(typeof stack === 'string' && { stack: cut(stack, MOST_OF_STACK) }) };
}

/**
 * A record as plain JSON: cycles, bigints and errors in it are written as words. A field that throws when it is read
 * takes no other with it.
 */
function plainFields(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(record).map((name) => [name, plain(() => record[name])]));
}

function plain(read: () => unknown): unknown {
  try {
    const json = JSON.stringify(read(), writable()) as string | undefined;
    return json === undefined ? undefined : (JSON.parse(json) as unknown);
  } catch (thrown) {
    return `[not written: ${asText(thrown)}]`;
  }
}

/** A replacer for `JSON.stringify`. */
function writable(): (this: unknown, key: string, value: unknown) => unknown {
  /** The objects that the present one is in, the outermost first. */
  const around: unknown[] = [];
  return function (key, value) {
    // As it was: its own `toJSON`, as the errors of axios have, tells of the whole request.
    const original = propertyOf(this, key);
    if (isError(original)) return describeError(original);
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    while (around.length > 0 && around.at(-1) !== this) around.pop();
    if (around.includes(value)) return '[circular]';
    around.push(value);
    return value;
  };
}

/** One of another realm too. */
function isError(value: unknown): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
