/**
 * Counts the changes of what decides how calls run, and changes rarely: who listens, which registry a call uses, what was compiled. What was
 * found out before holds as long as the count stays, and to look at the count spares every call a look at each of them.
 */
export const circumstances = { changes: 0 };
