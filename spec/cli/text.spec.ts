import { columnsOf, printable, shortened } from '../../lib/cli/table';

it.each([
  ['orders.load', 'orders.load'],
  ['支払い.決済', '支払い.決済'],
  ['done 💥', 'done 💥'],
  ['👩‍👩‍👧', '👩‍👩‍👧'],
  ['❤️‍🔥', '❤️‍🔥'],
  ['tab\tline\n', 'tab\\u{9}line\\u{a}'],
  ['\x1b[31mred', '\\u{1b}[31mred'],
  ['rtl \u202e evil', 'rtl \\u{202e} evil'],
  ['half \ud800', 'half \\u{d800}'],
  ['a\u200db', 'a\\u{200d}b'],
  ['\u2028', '\\u{2028}'],
])('prints %j as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it.each([
  ['orders', 6],
  ['', 0],
  ['支払い', 6],
  ['💥', 2],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['…', 1],
])('counts the columns of %j', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

describe('a text that is too long', () => {
  it('keeps its beginning and its end', () => {
    expect(shortened('orders.load.one', 9)).toBe('orde….one');
  });

  it('has at most the columns that there are, and never half a character', () => {
    for (let columns = 1; columns < 20; columns++) {
      const text = shortened('支払い.💥.決済👩‍👩‍👧と配送.end', columns);
      expect(columnsOf(text)).toBeLessThanOrEqual(columns);
      expect(text).not.toMatch(/[\ud800-\udfff]/u);
      expect(text).not.toMatch(/\u200d…|…\u200d/);
    }
  });

  it('is left as it is when it fits', () => {
    expect(shortened('支払い', 6)).toBe('支払い');
  });
});
