import type { Frame, Row } from '../../examples/demo/frame';
import { render } from '../../examples/demo/render';

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
