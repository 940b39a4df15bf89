import { ignoreRejection } from '../../core/call-safely';

interface Emitter {
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
}

/**
 * The life of one subscriber connection. It ends once: when it is told to, when the connection is given up, or with the client that it was
 * made of, so that it does not keep a process from ending whose own client is closed.
 *
 * @param close - Closes the connection. What it throws is nobody's concern: the connection may never have been there.
 * @returns `end` for whoever has subscribed, `fail` for the connection.
 */
export function subscriberLife(client: Emitter, close: () => unknown, lost: (reason?: unknown) => void) {
  let isOver = false;
  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    client.off?.('end', withClient);
    quietly(close);
    return true;
  };
  const fail = (reason?: unknown): void => {
    if (finish()) lost(reason);
  };
  const withClient = (): void => fail();
  client.on?.('end', withClient);
  return { end: () => void finish(), fail };
}

function quietly(close: () => unknown): void {
  try {
    ignoreRejection(close());
  } catch {
    // It was not open.
  }
}
