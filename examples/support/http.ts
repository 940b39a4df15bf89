/** An answer that is an error. `response` carries the headers, so that a retry can honour `Retry-After`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(readonly response: Response) {
    super(`HTTP ${response.status} ${response.statusText}`);
    this.status = response.status;
  }
}

/** `fetch` takes a 503 for a success; a breaker should not. */
export async function get(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok) return response;
  // An unread body would hold its connection.
  await response.body?.cancel();
  throw new HttpError(response);
}

/** Node hides what happened to the connection behind `TypeError: fetch failed`; its cause knows. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return error instanceof TypeError && cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
