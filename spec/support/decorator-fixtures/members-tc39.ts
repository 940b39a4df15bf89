import { CircuitBreaker } from '../../../lib';
import type { MemberCase } from './member-case';

/** Members that only a TC39 decorator can see. */
export const tc39Members: readonly MemberCase[] = [
  {
    title: 'a #private method',
    operation: 'VideoService.#download',
    make: ({ breaker, backend }) => {
      class VideoService {
        find(id: string): Promise<string> {
          return this.#download(id);
        }

        @CircuitBreaker(breaker)
        async #download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      const service = new VideoService();
      return (id) => service.find(id);
    },
  },
  {
    title: 'a static #private method',
    operation: 'VideoService.#load',
    make: ({ breaker, backend }) => {
      class VideoService {
        static find(id: string): Promise<string> {
          return this.#load(id);
        }

        @CircuitBreaker(breaker)
        static async #load(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      return (id) => VideoService.find(id);
    },
  },
  {
    title: 'an arrow-function field',
    operation: 'VideoService.download',
    make: ({ breaker, backend }) => {
      class VideoService {
        readonly source = backend;

        @CircuitBreaker(breaker)
        readonly download = async (id: string): Promise<string> => this.source.fetch(id);
      }
      return new VideoService().download;
    },
  },
  {
    title: 'a #private arrow-function field',
    operation: 'VideoService.#download',
    make: ({ breaker, backend }) => {
      class VideoService {
        readonly source = backend;

        @CircuitBreaker(breaker)
        readonly #download = async (id: string): Promise<string> => this.source.fetch(id);

        find(id: string): Promise<string> {
          return this.#download(id);
        }
      }
      const service = new VideoService();
      return (id) => service.find(id);
    },
  },
  {
    title: 'a static arrow-function field',
    operation: 'VideoService.load',
    make: ({ breaker, backend }) => {
      class VideoService {
        @CircuitBreaker(breaker)
        static readonly load = async (id: string): Promise<string> => backend.fetch(id);
      }
      return VideoService.load;
    },
  },
];
