/** Why an attempt failed, as far as its error tells. */
export const RetryReason = {
  NETWORK_ERROR: 'network_error',
  API_QUOTA_EXCEEDED: 'api_quota_exceeded',
  TEMPORARY_UNAVAILABLE: 'temporary_unavailable',
  RATE_LIMITED: 'rate_limited',
  DOWNLOAD_FAILED: 'download_failed',
  SERVICE_UNAVAILABLE: 'service_unavailable',
  SERVER_ERROR: 'server_error',
  RESOURCE_EXHAUSTED: 'resource_exhausted',
  TIMEOUT: 'timeout',
  UNKNOWN: 'unknown',
} as const;

export type RetryReason = (typeof RetryReason)[keyof typeof RetryReason];
