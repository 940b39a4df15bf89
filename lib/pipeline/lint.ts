import type { AppliedPolicy } from './applied-policy';

/** Something about a pipeline that hurts, though it works. */
export interface Finding {
  readonly code: string;
  /** What it does, and what to do instead. */
  readonly message: string;
}

/** Looks for orders of policies that hurt. */
export function lint(policies: readonly AppliedPolicy[]): Finding[] {
  const names = policies.map(({ kind }) => kind.policy);
  const findings: Finding[] = [];
  const breakerAt = names.indexOf('breaker');
  if (breakerAt >= 0 && names.lastIndexOf('retry') > breakerAt) {
    findings.push({
      code: 'BREAKER_BOX_RETRY_INSIDE_BREAKER',
      message:
        'the retry is inside the breaker, which then sees one outcome per call and lets retries go on while the dependency is down; put the retry outside',
    });
  }
  return findings;
}
