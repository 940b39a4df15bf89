import { httpFailure, presets } from '../../lib/presets';
import { HOSTILE } from '../support/hostile-values';

type Predicate = (subject: unknown) => unknown;

/** The predicates of a preset, by the policy and the option that they are. */
function predicatesOf(policies: object): [string, Predicate][] {
  return Object.entries(policies).flatMap(([policy, options]) =>
    ['handle', 'ignore', 'handleResult'].flatMap((option): [string, Predicate][] => {
      const predicate = (options as Record<string, unknown>)[option];
      return typeof predicate === 'function' ? [[`${policy}.${option}`, predicate as Predicate]] : [];
    }),
  );
}

// A predicate that throws is contained, but says nothing of the error, and warns.
describe.each([
  ['http', presets.http()], ['llm', presets.llm()], ['aws', { retry: presets.aws() }], ['http, for policies of one’s own', { retry: { handle: httpFailure, handleResult: httpFailure } }],
])('the predicates of presets.%s', (_preset, policies) => {
  it.each(HOSTILE)('answer for %s', (_what, make) => {
    for (const [name, predicate] of predicatesOf(policies)) expect([name, typeof predicate(make())]).toEqual([name, 'boolean']);
  });
});
