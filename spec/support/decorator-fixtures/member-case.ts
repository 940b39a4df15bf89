import { CircuitOpenError } from '../../../lib';
import { FAILURE_THRESHOLD, RECOVERY_TIMEOUT_MS, Site } from './site';

/** One kind of class member, decorated: the way to call it, and the operation it must be known by. */
export interface MemberCase {
  readonly title: string;
  readonly operation: string;
  make(site: Site): (id: string) => Promise<string>;
}

/** Drives a member through the life of its circuit: closed, open, half-open, closed. */
export async function behavesLikeAProtectedMember({ operation, make }: MemberCase): Promise<void> {
  const site = new Site();
  const { backend, registry, clock } = site;
  const call = make(site);
  const state = () => registry.get(operation)?.state;

  await expect(call('before')).resolves.toBe('video before');
  expect(site.names()).toEqual([operation]);
  expect(state()).toBe('closed');

  backend.fail();
  for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) {
    await expect(call('during')).rejects.toBe(backend.error);
  }
  expect(state()).toBe('open');

  const requestsUntilOpen = backend.requests.length;
  await expect(call('rejected')).rejects.toBeInstanceOf(CircuitOpenError);
  await expect(call('rejected')).rejects.toMatchObject({ operation });
  expect(backend.requests).toHaveLength(requestsUntilOpen);

  clock.advance(RECOVERY_TIMEOUT_MS);
  expect(state()).toBe('half_open');

  backend.recover();
  await expect(call('after')).resolves.toBe('video after');
  expect(state()).toBe('closed');
  expect(site.names()).toEqual([operation]);
}
