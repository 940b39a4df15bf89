export { fetchWith } from './fetch-with';
export type { FetchOptions } from './fetch-with';
