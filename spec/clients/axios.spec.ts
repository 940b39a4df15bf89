import { reportOf } from './support/program';

describe('axios', () => {
  it('runs', async () => {
    const report = await reportOf('axios.mts');
    expect(report.refused).toBe('ECONNREFUSED');
  });
});
