import { basename } from 'node:path';
import { billFiles, billMeanings } from '../../collectors/index.ts';
import type { MeaningOf } from '../core/bill.ts';
import type { ImportedBills, ImportedStatement } from '../core/bill-file.ts';
import type { BillWriter } from '../core/bill-store.ts';
import type { Cloud } from '../core/cloud.ts';
import { importJson, importText } from './import-text.ts';
import type { Platform } from './platform.ts';
import { canonicalNames } from './price-lists.ts';
import { startProgress } from './progress.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { WrongUseError } from './wrong-use.ts';

export interface ImportOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/**
 * `crossbill import FILE…`: reads files of bills whole and only then writes what they say, a billing account's month in one
 * transaction. A row that cannot be read leaves the ledger as it was.
 */
export async function importVerb(
  platform: Platform,
  configPath: string,
  paths: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new WrongUseError(
      `${twice} is named twice, and its rows would count twice; name it once`,
    );
  }
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const note = missingParts(paths);
  if (note !== undefined) platform.err.write(`note: ${note}\n`);
  // Opened before a long read: that somebody else holds it shall be said at once.
  const ledger =
    options.dryRun === true
      ? undefined
      : await platform.openLedger(config.ledger.path, interpretationOf(config), now);
  try {
    const bills = await read(platform, paths, now);
    if (bills === undefined) {
      platform.err.write('stopped; nothing was written\n');
      return 1;
    }
    const written = ledger === undefined ? [] : write(platform, ledger, bills.statements);
    platform.out.write(
      options.json === true ? importJson(bills, written) : importText(bills, written, options),
    );
    return outcome(platform, bills, written, options);
  } finally {
    ledger?.close();
  }
}

/** Undefined where Ctrl-C ended it. */
async function read(
  platform: Platform,
  paths: readonly string[],
  now: number,
): Promise<ImportedBills | undefined> {
  const { signal, err } = platform;
  const [readBillFiles, meaningOf] = await Promise.all([billFiles(), meanings()]);
  const shown = startProgress(err, 100, 'import');
  let percent = 0;
  try {
    return await readBillFiles(paths, {
      meaningOf,
      now,
      signal,
      progress(done, total) {
        const next = total === 0 ? 100 : Math.floor((done / total) * 100);
        if (next === percent) return;
        percent = next;
        shown.update(percent);
      },
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    shown.stop();
  }
}

/** A cloud's bill names models in the words of its price list. */
async function meanings(): Promise<(cloud: Cloud) => MeaningOf> {
  const [createAws, createAzure] = await Promise.all([billMeanings.aws(), billMeanings.azure()]);
  const of: Readonly<Record<Cloud, MeaningOf>> = {
    aws: createAws({ canonicalOf: canonicalNames.aws_price_list }),
    azure: createAzure(canonicalNames.azure_retail_prices),
  };
  return (cloud) => of[cloud];
}

/** Those that were written: all of them unless Ctrl-C came between two. */
function write(
  { signal }: Platform,
  ledger: BillWriter,
  statements: readonly ImportedStatement[],
): readonly ImportedStatement[] {
  const written: ImportedStatement[] = [];
  for (const one of statements) {
    if (signal.aborted) break;
    ledger.recordBill(one.statement);
    written.push(one);
  }
  return written;
}

function outcome(
  { err }: Platform,
  { statements, read: rows }: ImportedBills,
  written: readonly ImportedStatement[],
  { dryRun }: ImportOptions,
): number {
  if (statements.length === 0) {
    const what = rows === 0 ? 'no row in it' : 'no row of AWS or Azure in it';
    err.write(`${what}, so nothing was written\n`);
    return 1;
  }
  if (dryRun === true || written.length === statements.length) return 0;
  err.write(
    `stopped after ${written.length} of ${statements.length} billing periods; run it again for the rest\n`,
  );
  return 1;
}

/**
 * Large exports come in parts, `…-00001.csv.gz` and on, and every import replaces the month: one part alone would take the
 * others out.
 */
function missingParts(paths: readonly string[]): string | undefined {
  const parts = paths.flatMap((path) => {
    const number = /[-_](0\d{3,})\.[A-Za-z]/.exec(basename(path))?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const highest = Math.max(0, ...parts);
  if (highest <= parts.length) return undefined;
  return `by their numbers these are ${parts.length} of at least ${highest} parts; name all parts of an export in one call, because an import replaces its whole month`;
}
