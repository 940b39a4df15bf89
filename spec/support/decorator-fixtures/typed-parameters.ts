import { CircuitBreaker } from '../../../lib';

/** A class whose parameters a compiler may describe for other libraries. */
export class VideoService {
  @CircuitBreaker
  async download(server: URL, _id: string): Promise<string> {
    return server.href;
  }
}
