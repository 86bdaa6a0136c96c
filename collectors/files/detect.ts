import { awsCur } from './cur.ts';
import { BillFileError } from './errors.ts';
import { focus } from './focus.ts';
import type { BillFormat } from './format.ts';

const billFormats: readonly BillFormat[] = [awsCur, focus];

/** What other exports are told by, and what to export instead. */
const others: readonly { readonly column: RegExp; readonly what: string }[] = [
  {
    column: /^lineItem\//,
    what: 'It is a legacy AWS CUR: create a CUR 2.0 or FOCUS export under Data Exports and import its files',
  },
  {
    column: /^(?:costInBillingCurrency|CostInBillingCurrency|PreTaxCost)$/,
    what: "It is Azure's own cost export: create one of the dataset FOCUS under Cost Management and import its files",
  },
  {
    column: /[;\t]/,
    what: 'Its columns are separated by something else than commas: import the file as the cloud exported it',
  },
];

/** The kind of file by its columns, whatever it is called. Throws where it is none, and says what the nearest one misses. */
export function detectFormat(file: string, columns: readonly string[]): BillFormat {
  const names = new Set(columns);
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new BillFileError(
      `${file}: column ${twice} stands there twice, so nobody can tell which one holds. Export the file again; nothing was written.`,
    );
  }
  const judged = billFormats.map((format) => ({ format, missing: missingOf(format, names) }));
  const found = judged.find(({ missing }) => missing.length === 0);
  if (found !== undefined) return found.format;
  const [nearest] = judged.toSorted((a, b) => shareOf(a) - shareOf(b));
  if (nearest === undefined) throw new BillFileError(`${file}: no kind of file is known`);
  const { format, missing } = nearest;
  const other = others.find(({ column }) => columns.some((name) => column.test(name)));
  const wanted = billFormats.map(({ title }) => title).join(' or ');
  const advice =
    other?.what ??
    `Export ${wanted} with these columns, as CSV, CSV.gz or Parquet, and import that`;
  throw new BillFileError(
    `${file}: its columns are none of ${wanted}. The nearest is ${format.title}, of which it misses ${missing.join(', ')}. ${advice}.`,
  );
}

function missingOf(format: BillFormat, names: ReadonlySet<string>): readonly string[] {
  return [
    ...format.required.filter((name) => !names.has(name)),
    ...format.oneOf
      .filter((list) => !list.some((name) => names.has(name)))
      .map((list) => list.join(' or ')),
  ];
}

function shareOf({
  format,
  missing,
}: {
  readonly format: BillFormat;
  readonly missing: readonly string[];
}): number {
  return missing.length / (format.required.length + format.oneOf.length);
}

/** Every column of the format that the file has. */
export function columnsOf(format: BillFormat, columns: readonly string[]): readonly string[] {
  const wanted = new Set([
    ...format.required,
    ...format.oneOf.flat(),
    ...format.optional,
    ...format.ownerColumns,
  ]);
  return columns.filter((name) => wanted.has(name));
}
