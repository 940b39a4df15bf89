import type { Frame, Row } from '../../examples/demo/frame';
import { render } from '../../examples/demo/render';
import { summary } from '../../examples/demo/summary';

const row = (over: Partial<Row> = {}): Row => ({
  operation: 'Downloader.download', state: 'closed', calls: 12, failures: 3, rejected: 0, opens: 0, retryAfterMs: 0,
  lastFailure: '', ...over,
});

const frame = (over: Partial<Frame> = {}): Frame => ({
  source: 'http://127.0.0.1:1', elapsedMs: 2_500, rows: [row()], entries: [],
  progress: { total: 10, found: 10, downloaded: 5, thumbnails: 0, bytes: 1_500_000 }, ...over,
});

const NARROW = { width: 80, height: 24, colours: false };
const WIDE = { width: 120, height: 24, colours: false };

const entries = Array.from({ length: 40 }, (_, n) => ({ atMs: n * 100, who: 'server', what: `news ${n}` }));

describe('render', () => {
  it('shows one row per operation with its counts', () => {
    const lines = render(frame({ rows: [row(), row({ operation: 'Downloader.catalogue', calls: 99 })] }), NARROW);
    expect(lines).toContainEqual(expect.stringMatching(/^Downloader\.download +closed +12 +3 +0$/));
    expect(lines).toContainEqual(expect.stringMatching(/^Downloader\.catalogue +closed +99 +3 +0$/));
  });

  it('counts down to the next probe while the circuit is open', () => {
    const lines = render(frame({ rows: [row({ state: 'open', rejected: 7, retryAfterMs: 1_240 })] }), NARROW);
    expect(lines).toContainEqual(expect.stringMatching(/OPEN +12 +3 +7 +in 1\.2 s$/));
  });

  it('says that a half-open circuit may be probed now', () => {
    expect(render(frame({ rows: [row({ state: 'half_open' })] }), NARROW)).toContainEqual(
      expect.stringMatching(/half open .* now$/),
    );
  });

  it.each([
    ['closed', '\x1b[32mclosed\x1b[0m'],
    ['open', '\x1b[31mOPEN\x1b[0m'],
    ['half_open', '\x1b[33mhalf open\x1b[0m'],
  ] as const)('gives %s a colour beside its word', (state, painted) => {
    expect(render(frame({ rows: [row({ state })] }), { ...NARROW, colours: true }).join('\n')).toContain(painted);
  });

  it('writes no escape sequence without colours', () => {
    expect(render(frame({ entries }), NARROW).join('')).not.toContain('\x1b');
  });

  it('shows the last failure where there is room for it', () => {
    const rows = [row({ lastFailure: 'HTTP 503 Service Unavailable' })];
    expect(render(frame({ rows }), WIDE).join('\n')).toContain('HTTP 503 Service Unavailable');
    expect(render(frame({ rows }), NARROW).join('\n')).not.toContain('HTTP');
  });

  it.each([
    [120, ['operation', 'state', 'calls', 'failures', 'rejected', 'next probe', 'last failure']],
    [100, ['operation', 'state', 'calls', 'failures', 'rejected', 'next probe', 'last failure']],
    [99, ['operation', 'state', 'calls', 'failures', 'rejected', 'next probe']],
    [78, ['operation', 'state', 'calls', 'failures', 'rejected', 'next probe']],
    [70, ['operation', 'state', 'calls', 'rejected', 'next probe']],
    [60, ['operation', 'state', 'rejected', 'next probe']],
    [50, ['operation', 'state', 'rejected']],
    [40, ['operation', 'state']],
  ])('drops the least important columns, whole, on a terminal %d wide', (width, headings) => {
    const failing = row({ state: 'open', calls: 9_999, failures: 8_888, rejected: 7_777, retryAfterMs: 1_240, lastFailure: 'HTTP 503' });
    const [, , head, shown] = render(frame({ rows: [failing] }), { width, height: 24, colours: false });
    const cells = { operation: failing.operation, state: 'OPEN', calls: '9999', failures: '8888', rejected: '7777', 'next probe': 'in 1.2 s', 'last failure': 'HTTP 503' };

    expect(head!.split(/ {2,}/)).toEqual(headings);
    expect(shown!.split(/ {2,}/)).toEqual(headings.map((heading) => cells[heading as keyof typeof cells]));
  });

  it.each([80, 60, 50])('cuts off neither the time nor the figures of the progress on a terminal %d wide', (width) => {
    const progress = { total: 120, found: 120, downloaded: 60, thumbnails: 0, bytes: 123_400_000 };
    const lines = render(frame({ progress, source: 'http://127.0.0.1:45678' }), { width, height: 24, colours: false });
    expect(lines[0]).toMatch(/^breaker-box demo.* 2\.5 s$/);
    expect(lines).toContainEqual(expect.stringMatching(/^downloaded {2}\[(#+)\.+\] {3}60 of 120 {3}123\.4 MB$/));
  });

  it('keeps the latest events when there is no room for all', () => {
    const text = render(frame({ entries }), NARROW).join('\n');
    expect(text).toContain('news 39');
    expect(text).not.toContain('news 1\n');
  });

  it.each([[20, 5], [40, 12], [80, 24], [120, 40]])('fits a terminal of %d by %d', (width, height) => {
    const lines = render(frame({ entries, rows: [row({ lastFailure: 'x'.repeat(300) })] }), { width, height, colours: false });
    expect(lines.length).toBeLessThanOrEqual(height);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it('measures the progress bars by what is done', () => {
    const lines = render(frame(), NARROW);
    expect(lines).toContain(`downloaded  [${'#'.repeat(15)}${'.'.repeat(15)}]    5 of 10   1.5 MB`);
    expect(lines).toContain(`thumbnails  [${'.'.repeat(30)}]    0 of 10`);
  });
});

describe('summary', () => {
  const rows = [row({ opens: 2, rejected: 5 }), row({ operation: 'Downloader.catalogue', calls: 99, failures: 1, opens: 0, rejected: 4 })];
  const lines = (width: number) => summary(rows, frame().progress, 12_300, width);

  it('counts the calls made and spared, by operation and in all', () => {
    const table = lines(Infinity).slice(2).map((line) => line.split(/ {2,}/));
    expect(lines(Infinity)[0]).toBe('5 of 10 files and 0 thumbnails, 1.5 MB, in 12.3 s');
    expect(table).toEqual([
      ['operation', 'calls made', 'failed', 'opened', 'calls spared'],
      ['Downloader.download', '12', '3', '2', '5'],
      ['Downloader.catalogue', '99', '1', '0', '4'],
      ['all', '111', '4', '2', '9'],
    ]);
  });

  it.each([120, 80, 74, 60, 54])('does not wrap on a terminal %d wide, and says there what was made and spared', (width) => {
    expect(Math.max(...lines(width).map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines(width)[2]).toMatch(/calls made .*calls spared$/);
    expect(lines(width).at(-1)).toMatch(/^all +111 .*9$/);
  });
});
