import { decoratesComputedNames } from './shared/computed-names';

describe('a legacy decorator', () => {
  decoratesComputedNames();
});
