import { columnsOf, table, type Column } from '../../lib/cli/table';

type Row = readonly [string, string, string];

const columns: readonly Column<Row>[] = [
  { heading: 'NAME', cell: ([name]) => name },
  { heading: 'STATE', cell: ([, state]) => state },
  { heading: 'VOTES', cell: () => '1', expendable: 2 },
  { heading: 'TTL', cell: ([, , ttl]) => ttl, expendable: 1 },
];

const rows: readonly Row[] = [
  ['orders.load', 'open', '10 min'],
  ['支払い.決済', 'closed', '5 min'],
  [`orders.${'very'.repeat(40)}.end`, 'closed', '5 min'],
];

it('aligns columns, also beside wide characters', () => {
  expect(table(rows.slice(0, 2), columns, Infinity)).toEqual([
    'NAME         STATE   VOTES  TTL',
    'orders.load  open    1      10 min',
    '支払い.決済  closed  1      5 min',
  ]);
});

it('leaves out what is least important where there is no room, then cuts names', () => {
  const headings = (width: number): string[] => table(rows, columns, width)[0]!.split(/ +/);
  expect(headings(80)).toEqual(['NAME', 'STATE', 'VOTES', 'TTL']);
  expect(headings(45)).toEqual(['NAME', 'STATE', 'VOTES']);
  expect(headings(35)).toEqual(['NAME', 'STATE']);
  expect(headings(20)).toEqual(['NAME', 'STATE']);
});

it.each([12, 20, 35, 45, 60, 80, 140])('has no line wider than a terminal of %d columns', (width) => {
  for (const line of table(rows, columns, width)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
});

it('never shows more than the ends of a very long name', () => {
  for (const line of table(rows, columns, Infinity)) expect(columnsOf(line)).toBeLessThan(130);
});
