/** Our options by the names that other libraries have for them; an object's by a path. */
const PEERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  opossum: {
    resetTimeout: 'recoveryTimeout',
    errorThresholdPercentage: 'window.failureRate, from 0 to 1',
    volumeThreshold: 'window.minimumCalls',
    rollingCountTimeout: 'window.duration',
    rollingCountBuckets: 'window.duration, whose slices are fixed',
    errorFilter: 'ignore',
    capacity: 'maxConcurrent',
    coalesceTTL: 'ttl',
  },
  cockatiel: {
    halfOpenAfter: 'recoveryTimeout',
    breaker: 'failureThreshold, or window',
    threshold: 'failureThreshold, or failureRate of a window',
    minimumRps: 'window.minimumCalls',
  },
  'p-retry': {
    retries: 'maxAttempts, which counts the first one too',
    minTimeout: 'baseDelay',
    maxTimeout: 'maxDelay',
    factor: 'exponentialBase',
    randomize: 'jitter',
    maxRetryTime: 'maxElapsed',
    shouldRetry: 'handle',
    onFailedAttempt: 'onRetry',
  },
  'exponential-backoff': {
    numOfAttempts: 'maxAttempts',
    startingDelay: 'baseDelay',
    timeMultiple: 'exponentialBase',
    retry: 'handle',
  },
  resilience4j: {
    failureRateThreshold: 'window.failureRate, from 0 to 1',
    slowCallRateThreshold: 'window.slowCallRate, from 0 to 1',
    slowCallDurationThreshold: 'window.slowCallDuration',
    slidingWindowType: 'window.type',
    slidingWindowSize: 'window.size, or its duration',
    minimumNumberOfCalls: 'window.minimumCalls',
    waitDurationInOpenState: 'recoveryTimeout',
    permittedNumberOfCallsInHalfOpenState: 'halfOpen.maxCalls',
    recordExceptions: 'handle',
    ignoreExceptions: 'ignore',
    waitDuration: 'baseDelay',
    maxConcurrentCalls: 'maxConcurrent',
    maxWaitDuration: 'maxWait',
    limitForPeriod: 'limit',
    limitRefreshPeriod: 'interval',
    timeoutDuration: 'maxWait',
  },
  Polly: {
    FailureRatio: 'window.failureRate',
    MinimumThroughput: 'window.minimumCalls',
    SamplingDuration: 'window.duration',
    BreakDuration: 'recoveryTimeout',
    BreakDurationGenerator: 'recoveryBackoff',
    ShouldHandle: 'handle',
    MaxRetryAttempts: 'maxAttempts, which counts the first one too',
    BackoffType: 'backoff',
    UseJitter: 'jitter',
    PermitLimit: 'maxConcurrent, or limit',
    QueueLimit: 'maxQueue',
    MaxHedgedAttempts: 'maxHedges',
  },
};

/** The message about an option that does not exist. */
export function unknownOption(name: string, known: readonly string[]): string {
  return `unknown option; ${peersName(name, known) ?? unknownName(name, known, 'options')}`;
}

/** The library whose name for one of our options it is. */
function peersName(given: string, known: readonly string[]): string | undefined {
  for (const [library, names] of Object.entries(PEERS)) {
    const [name, path = ''] = Object.entries(names).find(([one]) => one.toLowerCase() === given.toLowerCase()) ?? [];
    // In the object that the path leads to, its last part is meant.
    const ours = [path, path.slice(path.indexOf('.') + 1)].find((text) => known.includes(/^\w*/.exec(text)![0]));
    if (ours !== undefined) return `${name} is ${library}'s name: ${ours}`;
  }
  return undefined;
}

/** The candidate most like `word`, when one is like enough to have been meant; none in a production build. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (!__DEV__) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? candidates.find((candidate) => candidate.length >= SHORTEST_PART && word.toLowerCase().includes(candidate.toLowerCase()));
}

/** `circuitBreaker` means `breaker`; but a few letters are in many words. */
const SHORTEST_PART = 4;

/** The message about a name that does not exist. `names` is what they are called together. */
export function unknownName(given: string, known: readonly string[], names: string): string {
  const meant = closest(given, known);
  return meant === undefined ? `the ${names} are ${known.join(', ')}` : `did you mean ${meant}?`;
}

/** Levenshtein's distance, by rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
