import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import type { Options, Parser } from 'csv-parse';
import { BillFileError } from './errors.ts';
import type { Row } from './row.ts';
import type { ReadOptions, RowSink } from './sink.ts';

/** A row longer than this is no row: a quote is open somewhere. */
const longestRowBytes = 4_000_000;

/** Streams a CSV file, gzipped or not, through the sink. Resolves to the number of its rows, the header not counted. */
export async function readCsv(options: ReadOptions, gzipped: boolean): Promise<number> {
  const { path, name, signal, open, progress } = options;
  let sink: RowSink | undefined;
  let rows = 0;
  const places = new Map<string, number>();
  let record: readonly string[] = [];
  let line = 1;
  const row: Row = {
    get place() {
      return `${name}, line ${line}`;
    },
    text(column) {
      const index = places.get(column);
      return index === undefined ? '' : (record[index] ?? '');
    },
  };
  const parser = createParser((fields, lineNow) => {
    line = lineNow;
    if (sink === undefined) {
      const header = fields.map((field) => field.trim());
      sink = open(header);
      for (const [index, column] of header.entries()) places.set(column, index);
      return;
    }
    record = fields;
    rows += 1;
    if (sink.look(row)) sink.take(row);
  });
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  let bytes = 0;
  file.on('data', (chunk) => {
    bytes += chunk.length;
    progress(bytes);
  });
  // Every record is handled where it is parsed, so nothing ever waits in the parser's output.
  parser.resume();
  try {
    await (gzipped
      ? pipeline(file, createGunzip(), parser, { signal })
      : pipeline(file, parser, { signal }));
  } catch (error) {
    throw signal.aborted ? error : readable(error, name);
  }
  if (sink === undefined) {
    throw new BillFileError(`${name}: the file is empty. Export it again; nothing was written.`);
  }
  return rows;
}

function createParser(onRecord: (fields: readonly string[], line: number) => void): Parser {
  const options: Options = {
    bom: true,
    max_record_size: longestRowBytes,
    skip_empty_lines: true,
    on_record(fields, { lines }) {
      onRecord(fields, lines);
      return null;
    },
  };
  return parse(options);
}

/** What the parser and zlib say, in words that help. */
function readable(error: unknown, name: string): unknown {
  const again = 'Export or download the file again; nothing was written';
  if (error instanceof CsvError) {
    const what = parserWords.get(error.code) ?? 'is no CSV';
    const { lines } = error;
    const place = typeof lines === 'number' ? `, line ${lines}` : '';
    return new BillFileError(`${name}${place}: ${what}. ${again}.`, { cause: error });
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
    const what =
      error.code === 'Z_BUF_ERROR' ? 'ends in the middle of its compressed data' : 'is damaged';
    return new BillFileError(`${name}: the gzip file ${what}. ${again}.`, { cause: error });
  }
  return error;
}

const parserWords: ReadonlyMap<string, string> = new Map([
  [
    'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH',
    'the row has more or fewer fields than the header, as where a file is cut short',
  ],
  ['CSV_QUOTE_NOT_CLOSED', 'the file ends inside a quoted field, as where it is cut short'],
  ['CSV_MAX_RECORD_SIZE', 'a row is longer than 4 MB, as where a quote is never closed'],
  ['CSV_INVALID_CLOSING_QUOTE', 'a quote stands inside a quoted field and is not doubled'],
  ['INVALID_OPENING_QUOTE', 'a quote stands inside a field that is not quoted'],
]);
