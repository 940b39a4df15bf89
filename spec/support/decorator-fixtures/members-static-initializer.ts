import { CircuitBreaker } from '../../../lib';
import type { MemberCase } from './member-case';

/**
 * Called before its class is complete. A compiler that has to give such a class an inner name gives it the real one only
 * after its static initializers ran, so a name that is read too early is wrong.
 */
export const staticInitializer: MemberCase = {
  title: 'a static method that a static initializer calls',
  operation: 'VideoService.load',
  make: ({ breaker, backend }) => {
    class VideoService {
      @CircuitBreaker(breaker)
      static async load(id: string): Promise<string> {
        return backend.fetch(id);
      }

      static readonly warmUp = VideoService.load('warm-up');
    }
    return (id) => VideoService.load(id);
  },
};
