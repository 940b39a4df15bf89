import { CircuitBreaker, Resilient, Retry } from '../../../lib';
import type { MemberCase } from './member-case';

/** Members that both standards can decorate, in syntax that is the same in both. */
export const members: readonly MemberCase[] = [
  {
    title: 'an instance method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'a method that returns a promise without being async',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'a static method',
    operation: 'VideoService.load',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        static async load(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      return (id) => VideoService.load(id);
    },
  },
  {
    title: 'a protected method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        find(id: string): Promise<string> {
          return this.download(id);
        }

        @CircuitBreaker(breaker)
        protected async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.find(id);
    },
  },
  {
    title: 'a TypeScript-private method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        find(id: string): Promise<string> {
          return this.download(id);
        }

        @CircuitBreaker(breaker)
        private async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.find(id);
    },
  },
  {
    title: 'a method with a quoted name',
    operation: 'VideoService.down load',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        async 'down load'(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service['down load'](id);
    },
  },
  {
    title: 'a generic method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        async download<T extends { id: string }>(request: T): Promise<string> {
          return backend.fetch(request.id);
        }
      }
      const service = new VideoService();
      return (id) => service.download({ id, format: 'mp4' });
    },
  },
  {
    title: 'an overloaded method',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        download(id: string): Promise<string>;
        download(server: URL, id: string): Promise<string>;
        @CircuitBreaker(breaker)
        async download(serverOrId: URL | string, id?: string): Promise<string> {
          return backend.fetch(id ?? String(serverOrId));
        }
      }
      const service = new VideoService();
      return (id) => service.download(new URL('http://127.0.0.1'), id);
    },
  },
  {
    title: 'a method with a declared `this`',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        readonly source = backend;

        @CircuitBreaker(breaker)
        async download(this: VideoService, id: string): Promise<string> {
          return this.source.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'the implementation of an abstract method',
    operation: 'HttpVideoService.download',
    make: ({ breaker, backend }) => {
      abstract class VideoService {
        abstract download(id: string): Promise<string>;
      }
      class HttpVideoService extends VideoService {
        @CircuitBreaker(breaker)
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service: VideoService = new HttpVideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'an override that calls `super`',
    operation: 'HttpVideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      class HttpVideoService extends VideoService {
        @CircuitBreaker(breaker)
        override async download(id: string): Promise<string> {
          return super.download(id);
        }
      }
      const service = new HttpVideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'an async generator method',
    operation: 'VideoService.chunks',
    make: ({ breaker, backend }) => {
      class VideoService {
        // Below ES2018 this is no native generator any more, and nothing but `stream` tells what it returns.
        @CircuitBreaker({ ...breaker, stream: true })
        async *chunks(id: string): AsyncGenerator<string, void, undefined> {
          yield backend.fetch(id);
        }
      }
      const service = new VideoService();
      return async (id) => {
        const received: string[] = [];
        for await (const chunk of service.chunks(id)) received.push(chunk);
        return received.join();
      };
    },
  },
  {
    title: 'a stacked method',
    operation: 'VideoService.download',
    make: ({ breaker, backend, retry }) => {
      class VideoService {
        @Retry({ ...retry, maxAttempts: 1 })
        @CircuitBreaker(breaker)
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.download(id);
    },
  },
  {
    title: 'a method with several policies in one decorator',
    operation: 'VideoService.download',
    make: ({ breaker, backend, registry }) => {
      const { failureThreshold, recoveryTimeout } = breaker;
      class VideoService {
        @Resilient({ registry, retry: { maxAttempts: 1 }, breaker: { failureThreshold, recoveryTimeout } })
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.download(id);
    },
  },
];
