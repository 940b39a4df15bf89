export interface Column {
  readonly heading: string;
  readonly width: number;
  /** Words stand at the left, numbers at the right. @defaultValue 'right' */
  readonly align?: 'left';
}

/** A table that has fewer columns where the terminal is narrow, rather than cells that are cut off. */
export class Table<K extends string> {
  /** @param expendable - The columns that may go, the least important one first. */
  constructor(
    private readonly columns: Readonly<Record<K, Column>>,
    private readonly expendable: readonly NoInfer<K>[],
  ) {}

  headings(width: number): string {
    return this.#line(width, (name) => this.columns[name].heading);
  }

  row(cells: Readonly<Record<K, string | number>>, width: number): string {
    return this.#line(width, (name) => String(cells[name]));
  }

  #line(width: number, cell: (name: K) => string): string {
    const cells = this.#shown(width).map((name) => {
      const column = this.columns[name];
      return column.align === 'left' ? cell(name).padEnd(column.width) : cell(name).padStart(column.width);
    });
    return cells.join('').trimEnd();
  }

  #shown(width: number): K[] {
    const shown = new Set(Object.keys(this.columns) as K[]);
    for (const name of this.expendable) {
      if (this.#widthOf(shown) <= width) break;
      shown.delete(name);
    }
    return [...shown];
  }

  #widthOf(names: Iterable<K>): number {
    return [...names].reduce((sum, name) => sum + this.columns[name].width, 0);
  }
}
