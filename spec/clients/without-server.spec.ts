import { describeClient } from './support/captured';

/** Servers that cannot be had here: what the clients fail with without one is real, the servers' answers are built by the clients' own classes. */
describe('rule 48: clients of servers that cannot be had', () => {
  describeClient('mssql', 'mssql.mts');
  describeClient('mongodb', 'mongodb.mts');
});
