import { duration as durationSchema, resolve } from './options';

const schema = durationSchema();

/**
 * Milliseconds of a duration: `duration('1.5s')` is 1500. It makes an option of a text that the compiler does not know, such as
 * one of the environment: `recoveryTimeout: duration(process.env.RECOVERY ?? '60s')`.
 *
 * @param text - A number with a unit (`ms`, `s`, `m`, `h`, `d`), or a number of milliseconds; ≥ 0, and not infinite.
 * @throws {@link ConfigurationError} for anything else.
 */
export function duration(text: string | number): number {
  return resolve(schema, text, 'duration');
}
