import { CircuitBreaker } from '../../../lib';
import type { MemberCase } from './member-case';

const SYMBOL = Symbol('download');

/** Members whose names are computed; Babel's legacy decorators refuse them. */
export const computedMembers: readonly MemberCase[] = [
  {
    title: 'a symbol-named method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        async [SYMBOL](id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service[SYMBOL](id);
    },
  },
];
