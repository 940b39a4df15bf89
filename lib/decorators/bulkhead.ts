import { bulkhead } from '../policies/bulkhead/policy';
import type { BulkheadOptions } from '../policies/bulkhead/options';
import { policyDecorator } from './policy-decorator';
import type { PolicyDecorator } from './types';

/**
 * TODO
 */
export const Bulkhead = policyDecorator<(options: number | BulkheadOptions) => PolicyDecorator>('@Bulkhead', (given) => [bulkhead(given as number | BulkheadOptions)], false);
