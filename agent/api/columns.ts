import * as z from 'zod';
import { listed } from './params.ts';
import { wordList } from './list-pattern.ts';
import { time } from './rows.ts';

/**
 * A route whose rows have as many columns as are asked for, for a row of everything is a kilobyte where somebody draws one
 * figure of thousands. `time` and the dimensions of `group_by` are in every row.
 * @param shape the other columns
 */
export function columnsOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  return {
    row: z
      .object({ time, ...z.object(shape).partial().shape })
      .catchall(z.string())
      .meta({
        description:
          'With a text column for each dimension of group_by; a column is absent only where `columns` does not name it',
      }),
    param: {
      columns: z
        .string()
        .meta({
          description: `Columns of a row beside time and the dimensions of group_by, comma-separated: ${names.join(', ')}; empty: all`,
          examples: [names.slice(0, 2).join(',')],
          pattern: wordList(names),
        })
        .transform((text, ctx): ReadonlySet<string> => {
          const asked = listed(text);
          for (const word of asked.filter((one) => !names.includes(one))) {
            const message = `no column is ${JSON.stringify(word)}`;
            ctx.addIssue({ code: 'custom', message, params: { word, known: names } });
          }
          return new Set(asked);
        })
        .prefault(''),
    },
    /** The rows with the columns that were asked for, in their order. */
    pick: (rows: readonly object[], asked: ReadonlySet<string>) => picked(names, rows, asked),
  };
}

function picked(
  names: readonly string[],
  rows: readonly object[],
  asked: ReadonlySet<string>,
): readonly object[] {
  const [first] = rows;
  if (asked.size === 0 || first === undefined) return rows;
  const left = new Set(names.filter((name) => !asked.has(name)));
  const kept = Object.keys(first).filter((name) => !left.has(name));
  return rows.map((row) => {
    const told: Record<string, unknown> = {};
    for (const name of kept) told[name] = Reflect.get(row, name);
    return told;
  });
}
