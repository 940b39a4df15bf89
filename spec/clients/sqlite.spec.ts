import { describeClient } from './support/captured';

describe('rule 48: clients of SQLite', () => {
  describeClient('sqlite', 'sqlite.mts');
});
