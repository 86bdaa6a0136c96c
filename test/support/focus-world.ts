import { buffer } from 'node:stream/consumers';
import type { Charge, ChargePage } from '../../agent/core/charge.ts';
import { focusFormatOf } from '../../agent/core/focus.ts';
import type { FocusVersion } from '../../agent/core/focus.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { dayMs, floorTo, hourMs } from '../../agent/core/time.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { readCharges } from '../../agent/query/charges.ts';
import type { ChargeReaders } from '../../agent/query/charges.ts';
import { focusBytes } from '../../exporters/focus/focus.ts';
import { batch, deployed, listing, unitHour } from './capacity-world.ts';
import { filePrices, places } from './explain-places.ts';
import { explainLedger, hour0, readAt } from './explain-world.ts';

/** The day of the hour in which everything happens. */
export const focusDays = { start: floorTo(hour0, dayMs), end: floorTo(hour0, dayMs) + dayMs };

/** Traffic of every kind in an hour, and provisioned capacity that is half used at an odd price. */
export async function focusLedger(path?: string): Promise<Ledger> {
  const capacity = unitHour(39.6, { reference: 'made-up:unit-hour' });
  const ledger = await explainLedger(places, [...filePrices, capacity], path);
  ledger.recordDiscovery('azure', listing([deployed('reserved', 3)]), hour0 + 20 * 60_000);
  const said = { deployment: 'reserved', tokens: () => 70, percent: () => 37 };
  const from = hour0 + hourMs;
  ledger.commit(batch({ start: from, end: from + hourMs }, [said], readAt));
  ledger.accrueCapacity(readAt);
  return ledger;
}

export function readersOf(ledger: Ledger): ChargeReaders {
  return { usage: ledger, bills: ledger, cards: ledger, explainCost };
}

const everything = { filters: new Map(), teams: [{ kind: 'tag', tag: 'team' }] } as const;

export async function pagesOf(
  ledger: Ledger,
  step: 'hour' | 'day' = 'day',
  days = focusDays,
): Promise<readonly ChargePage[]> {
  const pages: ChargePage[] = [];
  for await (const page of readCharges(readersOf(ledger), { days, step, ...everything })) {
    pages.push(page);
  }
  return pages;
}

/** The bytes of a file of that name. */
export async function focusFile(
  pages: readonly ChargePage[],
  name: string,
  version: FocusVersion = '1.2',
): Promise<Buffer> {
  const format = focusFormatOf(name);
  if (format === undefined) throw new Error(name);
  const source = (async function* () {
    yield* pages;
  })();
  const chunks = focusBytes(source, { version, format, createdBy: 'test' });
  const bytes = (async function* () {
    for await (const chunk of chunks) yield Buffer.from(chunk);
  })();
  return buffer(bytes);
}

export function chargesOf(pages: readonly ChargePage[]): readonly Charge[] {
  return pages.flatMap(({ charges }) => charges);
}

/** A row of a file by its columns; null where nothing stands. */
export type FileRow = Readonly<Record<string, string | null>>;

/** Reads CSV as RFC 4180 says it. */
export function csvRows(text: string): readonly FileRow[] {
  const lines: (string | null)[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (found === null) throw new Error(`no cell at ${at}: ${text.slice(at, at + 40)}`);
    const [, quoted, plain, end] = found;
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? null : (plain ?? null)));
    if (end === '\r\n') lines.push([]);
  }
  const [head = [], ...rows] = lines.slice(0, -1);
  return rows.map((row) => {
    if (row.length !== head.length) throw new Error(`${row.length} cells of ${head.length}`);
    return Object.fromEntries(head.map((name, place) => [name ?? '', row[place] ?? null]));
  });
}
