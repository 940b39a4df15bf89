import { shared } from './shared';

/**
 * Counts the changes of what decides how calls run, and changes rarely: who listens, which registry a call uses, what was compiled. What was
 * found out before holds as long as the count stays, and to look at the count spares every call a look at each of them. All copies of the package
 * count here, for the operations of one may be called through another.
 */
export const circumstances = shared('circumstances', () => ({ changes: 0 }));
