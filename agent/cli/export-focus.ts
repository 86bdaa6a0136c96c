import { open, rename, rm } from 'node:fs/promises';
import type { ChargePage } from '../core/charge.ts';
import { focusFormatOf } from '../core/focus.ts';
import type { FocusFormat, FocusVersion } from '../core/focus.ts';
import { monthStart } from '../core/month.ts';
import { ceilTo, dayMs, floorTo, isoUtc } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { readCharges } from '../query/charges.ts';
import type { Platform } from './platform.ts';
import { startProgress } from './progress.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

/** As it was typed. */
export interface ExportFocusOptions {
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly version: FocusVersion;
  readonly step: '1h' | '1d';
}

/** `crossbill export focus`: reads the ledger beside a running agent. The file is whole or not there. */
export async function exportFocusVerb(
  platform: Platform,
  configPath: string,
  options: ExportFocusOptions,
): Promise<number> {
  const format = formatOf(options.out);
  const { config } = readConfig(platform, configPath);
  const days = daysOf(options, platform.createClock().now());
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  const progress = startProgress(platform.err, (days.end - days.start) / dayMs, 'days');
  const told = { rows: 0, unpricedTokens: 0, unpricedUnitHours: 0 };
  try {
    const pages = readCharges(
      { usage: reader, bills: reader, cards: reader, explainCost },
      {
        days,
        step: options.step === '1h' ? 'hour' : 'day',
        filters: new Map(),
        teams: config.teams,
      },
    );
    const write = await platform.focusWriter();
    const heard = overheard(pages, (page) => {
      platform.signal.throwIfAborted();
      told.rows += page.charges.length;
      told.unpricedTokens += page.unpricedTokens;
      told.unpricedUnitHours += page.unpricedUnitHours;
      progress.update(Math.floor((page.until - days.start) / dayMs));
    });
    const chunks = write(heard, {
      version: options.version,
      format,
      createdBy: `crossbill ${platform.version}`,
    });
    if (options.out === '-') {
      for await (const chunk of chunks) platform.out.write(String(chunk));
    } else {
      await writeWhole(options.out, chunks);
    }
  } finally {
    progress.stop();
    reader.close();
  }
  platform.err.write(summaryOf(options, days, told));
  return 0;
}

function formatOf(out: string): FocusFormat {
  if (out === '-') return { rows: 'csv', gzip: false };
  const format = focusFormatOf(out);
  if (format !== undefined) return format;
  throw new WrongUseError(
    `--out: ${out} is no kind of file it writes; end it with .csv, .csv.gz, .parquet or .parquet.gz`,
  );
}

/** Whole UTC days: those that the range touches. */
function daysOf({ from, to }: ExportFocusOptions, now: Instant): Window {
  const end = ceilTo(to === undefined ? now : parseWhen(to, now, '--to'), dayMs);
  const start =
    from === undefined ? monthStart(end - 1) : floorTo(parseWhen(from, now, '--from'), dayMs);
  if (start < end) return { start, end };
  throw new WrongUseError(`--from (${dayOf(start)}) must lie before --to (${dayOf(end)})`);
}

async function* overheard(
  pages: AsyncIterable<ChargePage>,
  hear: (page: ChargePage) => void,
): AsyncGenerator<ChargePage, void> {
  for await (const page of pages) {
    hear(page);
    yield page;
  }
}

/** Beside its place first, so that a file of that name is always a whole one. */
async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array | string>): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w');
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
  await file.close();
  await rename(unfinished, path);
}

function summaryOf(
  { out, version, step }: ExportFocusOptions,
  days: Window,
  told: {
    readonly rows: number;
    readonly unpricedTokens: number;
    readonly unpricedUnitHours: number;
  },
): string {
  const where = out === '-' ? '' : `${out}: `;
  const span = `${dayOf(days.start)} to ${dayOf(days.end)} (exclusive) by ${step}`;
  const lines = [
    `${where}${say(told.rows)} rows of FOCUS ${version}, ${span}; costs are estimates`,
  ];
  if (told.unpricedTokens > 0) {
    lines.push(
      `${say(told.unpricedTokens)} tokens have no price and no row; \`crossbill prices\` names their models`,
    );
  }
  if (told.unpricedUnitHours > 0) {
    lines.push(`${say(told.unpricedUnitHours)} unit-hours of capacity have no price and no row`);
  }
  return `${lines.join('\n')}\n`;
}

function dayOf(instant: Instant): string {
  return isoUtc(instant).slice(0, 10);
}

function say(count: number): string {
  return count.toLocaleString('en-US');
}
