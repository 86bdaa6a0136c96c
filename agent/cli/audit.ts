import { auditColumns, wholeAudit } from '../core/audit.ts';
import { ceilTo, dayMs, floorTo, isoUtc } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { defaultDays } from './audit-facts.ts';
import { createAudit } from './audit-of.ts';
import { writePack } from './audit-pack.ts';
import { auditText } from './audit-text.ts';
import { isDemoLedger } from './demo-config.ts';
import { formatCsv } from './format.ts';
import type { Platform } from './platform.ts';
import { readPriceBook } from './price-book.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

/** As it was typed. */
export interface AuditOptions {
  readonly from?: string;
  readonly to?: string;
  readonly evidence?: string;
  readonly full?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const demoBanner = 'DEMO  Bills of built-in clouds for a replayed hour: not your usage.\n';

/** `crossbill audit`: metered against billed, beside a running agent. */
export async function auditVerb(
  platform: Platform,
  configPath: string,
  options: AuditOptions,
): Promise<number> {
  if (options.full === true && options.evidence === undefined) {
    throw new WrongUseError('--full is about --evidence DIR: write both');
  }
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const days = daysOf(options, now);
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    const { file } = await readPriceBook(platform, config, reader);
    const { contracts, currencies } = config;
    const audit = createAudit(reader, { contracts, currencies, filePrices: file.prices });
    const audited = await audit(days, now, wholeAudit);
    const { out, err } = platform;
    if (isDemoLedger(config.ledger.path)) {
      (options.json === true || options.csv === true ? err : out).write(demoBanner);
    }
    if (options.evidence !== undefined) {
      const files = await writePack(
        { reader, audited, days, version: platform.version, contracts },
        options.evidence,
        options.full === true,
      );
      err.write(`${files.length} files in ${options.evidence}; begin with SUMMARY.md.\n`);
    }
    if (options.json === true) {
      const document = { summary: audited.summary(), rows: await audited.rows() };
      out.write(`${JSON.stringify(document, null, 2)}\n`);
    } else if (options.csv === true) {
      out.write(
        formatCsv(
          auditColumns,
          (await audited.rows()).map((row) => ({ ...row })),
        ),
      );
    } else {
      out.write(auditText(audited.summary(), Math.min(out.columns, 100)));
    }
    return 0;
  } finally {
    reader.close();
  }
}

/** Whole UTC days: those that the range touches. */
function daysOf({ from, to }: AuditOptions, now: Instant): Window {
  const usual = defaultDays(now);
  const end = to === undefined ? usual.end : ceilTo(parseWhen(to, now, '--to'), dayMs);
  const start = from === undefined ? usual.start : floorTo(parseWhen(from, now, '--from'), dayMs);
  if (start < end) return { start, end };
  throw new WrongUseError(
    `--from (${isoUtc(start).slice(0, 10)}) must lie before --to (${isoUtc(end).slice(0, 10)})`,
  );
}
