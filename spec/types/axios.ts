/** The policies of `axiosWith` fit an adapter of axios: what it takes, and a response. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { expectTypeOf } from 'expect-type';
import { fallback, retry, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { axiosWith } from '../../lib/adapters/axios';

expectTypeOf(axiosWith(axios)).toExtend<AxiosAdapter>();
expectTypeOf(axiosWith(axios).operation).toEqualTypeOf<string>();
axios.create({ adapter: axiosWith(axios, presets.http({ timeout: '2s' }), { name: 'partners', adapter: ['xhr', 'http'] }) });
axiosWith(axios, {
  retry: {
    idempotent: (config) => {
      expectTypeOf(config).toEqualTypeOf<InternalAxiosRequestConfig>();
      return config.method === 'get';
    },
    handleResult: (response) => {
      expectTypeOf(response).toEqualTypeOf<AxiosResponse>();
      return response.status === 202;
    },
  },
});
axiosWith(axios, { fallback: async (_error, config) => ({ data: '', status: 200, statusText: '', headers: {}, config }) }, { key: (config) => config.url ?? '' });
axiosWith(axios, [retry(), fallback((_error, config: InternalAxiosRequestConfig) => ({ data: '', status: 200, statusText: '', headers: {}, config }))]);
axiosWith(axios, {} as PolicyOptions);

// @ts-expect-error: a response is wanted
axiosWith(axios, { fallback: () => 3 });
// @ts-expect-error: axios itself
axiosWith({ retry: {} });
// @ts-expect-error: unknown option
axiosWith(axios, {}, { fetch });
