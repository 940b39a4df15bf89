import { asText, cut, nameOf } from '../safe-inspect';
import { BreakerBoxError, hasCode, nameErrorClass } from './breaker-box-error';

/** One thing that is wrong with an input. */
export interface ConfigurationIssue {
  /** Where, as in `window.minimumCalls`; `''` for the input as a whole. */
  readonly path: string;
  /** What is allowed there. */
  readonly message: string;
  /** What was given. */
  readonly received: unknown;
}

/** Options, names, snapshots or uses that cannot work; names every problem at once. Thrown when they are given, never per call. */
export class ConfigurationError extends BreakerBoxError {
  readonly code = 'BREAKER_CONFIG';
  /** Not enumerable: what was received may be a client, or options with a password. */
  declare readonly issues: readonly ConfigurationIssue[];

  /** @param subject - What was configured: `@Retry on VideoService.download`, `withBreaker(fetchUser)`. */
  constructor(subject: string, issues: readonly ConfigurationIssue[], operation = '') {
    const lines = issues.map(({ path, message, received }) => {
      const where = path === '' ? '' : `${path}: `;
      return `${where}${message}${__DEV__ ? `; received ${show(received)}` : ''}`;
    });
    super(lines.length === 1 ? `${subject}: ${lines[0]}` : [`${subject}:`, ...lines].join('\n  - '), operation);
    Object.defineProperty(this, 'issues', { value: issues });
  }
}

nameErrorClass(ConfigurationError, 'ConfigurationError');

/** Whether an error is one of these, of this copy of the package or of another. */
export function isConfigurationError(error: unknown): error is ConfigurationError {
  return hasCode(error, 'BREAKER_CONFIG');
}

/** A value as a person would write it, short. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${cut(value, 80)}'`;
  if (typeof value === 'function') {
    const name = nameOf(value);
    return name === '' ? 'a function' : `function ${name}`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    const json = JSON.stringify(value);
    return cut(json, 80);
  } catch {
    return asText(value);
  }
}
