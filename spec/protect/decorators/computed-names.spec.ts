import { decoratesComputedNames } from './shared/computed-names';

describe('a TC39 decorator', () => {
  decoratesComputedNames();
});
