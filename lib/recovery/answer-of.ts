import { propertyOf } from '../core/thrown';
import { reportThrow } from '../core/warn';

/**
 * What a user's object answers, at once or by a promise; `otherwise` when it throws or rejects, which is reported once
 * for its method, so that no error of a helper hides the error it was to help with.
 */
export async function answerOf<T>(role: string, helper: object, ask: () => T | PromiseLike<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const method = propertyOf(helper, role);
    reportThrow(typeof method === 'function' ? method : helper, role, thrown);
    return otherwise;
  }
}
