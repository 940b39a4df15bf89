/** `protect` knows the methods of its class, and what their policies may be. */
import { expectTypeOf } from 'expect-type';
import { fallback, protect, retry } from '../../lib';

abstract class VideoService {
  readonly server: string = 'a';
  private readonly secret = 1;
  onChange = (): number => this.secret;
  async download(id: string, fresh: boolean): Promise<{ id: string }> {
    return { id: this.server + id + fresh };
  }
  async *chunks(_count: number): AsyncGenerator<Uint8Array> {}
  size(): number {
    return 1;
  }
  maybe(): Promise<string> | string {
    return 'a';
  }
  static async open(path: string): Promise<string> {
    return path;
  }
  static count(): number {
    return 1;
  }
}

expectTypeOf(protect(VideoService, { download: { breaker: {} } })).toEqualTypeOf<typeof VideoService>();
protect(VideoService, { download: [retry(), fallback((_error, id: string) => ({ id }))], chunks: { retry: {} } }, { open: { cache: '1s' } });

/** What looks at arguments or results has their types. */
protect(VideoService, {
  download: {
    breaker: {
      key: (id, fresh) => {
        expectTypeOf(id).toEqualTypeOf<string>();
        expectTypeOf(fresh).toEqualTypeOf<boolean>();
        return id;
      },
      handleResult: (video) => {
        expectTypeOf(video).toEqualTypeOf<{ id: string }>();
        return false;
      },
    },
    fallback: (_error, id) => {
      expectTypeOf(id).toEqualTypeOf<string>();
      return { id };
    },
  },
});
// @ts-expect-error: the fallback gives what the method does not
protect(VideoService, { download: { fallback: () => 'none' } });
// @ts-expect-error: the fallback gives what the method does not
protect(VideoService, { download: [fallback(() => 'none')] });
// @ts-expect-error: the class has no such method
protect(VideoService, { downlaod: { breaker: {} } });
// @ts-expect-error: a synchronous method
protect(VideoService, { size: { breaker: {} } });
// @ts-expect-error: a method that is only sometimes asynchronous
protect(VideoService, { maybe: { breaker: {} } });
// @ts-expect-error: a property
protect(VideoService, { server: { breaker: {} } });
// @ts-expect-error: a private member
protect(VideoService, { secret: { breaker: {} } });
// @ts-expect-error: a synchronous static method
protect(VideoService, {}, { count: { breaker: {} } });
// @ts-expect-error: a static method
protect(VideoService, { open: { breaker: {} } });
// @ts-expect-error: unknown policy
protect(VideoService, { download: { retries: {} } });
// @ts-expect-error: no class
protect({ download: async () => 1 }, { download: { breaker: {} } });
