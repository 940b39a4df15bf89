/** The policies of `fetchWith` fit `fetch`: what it takes, and a `Response`. */
import { expectTypeOf } from 'expect-type';
import { fallback, retry, type Policy, type PolicyOptions } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { presets } from '../../lib/presets';

fetchWith({
  retry: {
    handleResult: (response) => {
      expectTypeOf(response).toEqualTypeOf<Response>();
      return !response.ok;
    },
  },
  fallback: (error) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return new Response(null, { status: 204 });
  },
});
fetchWith({ fallback: async (_error, _input, init) => new Response(init?.method) });
fetchWith([retry(), fallback(() => new Response())]);
expectTypeOf(fetchWith()).toExtend<typeof fetch>();

/** Options and lists that are made apart fit too, and those of the presets. */
fetchWith({} as PolicyOptions);
fetchWith([] as Policy[]);
fetchWith(presets.http({ timeout: '2s' }), { name: 'partners' });

// @ts-expect-error: a Response is wanted
fetchWith({ fallback: () => 3 });
// @ts-expect-error: a Response is wanted
fetchWith({ fallback: async () => ({ status: 200 }) });
// @ts-expect-error: a Response is wanted
fetchWith([retry(), fallback(() => 3)]);
