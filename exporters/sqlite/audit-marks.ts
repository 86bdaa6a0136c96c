import type { AuditMarkReader } from '../../agent/core/audit.ts';
import { dayMs, minuteMs } from '../../agent/core/time.ts';
import type { Cards } from './cards.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { Registry } from './registry.ts';

export interface AuditMarkParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly identities: () => Identities;
  readonly cards: () => Pick<Cards, 'version'>;
}

export interface MarkedAudit extends AuditMarkReader {
  /** Bills, prices or what they hold for are others than they were. */
  changed(): void;
}

const dayMinutes = dayMs / minuteMs;

/** What the ledger changed since it was opened, as far as the audit is concerned. */
export function openAuditMarks({ db, registry, identities, cards }: AuditMarkParts): MarkedAudit {
  const revisions = db
    .prepare<[number], [number, number, number]>(
      'SELECT sequence, start_minute, end_minute FROM revision WHERE sequence > ?',
    )
    .raw();
  const newest = db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck();
  const dataVersion = db.prepare('PRAGMA data_version').pluck();
  /** By UTC day since the epoch: the newest revision of it. */
  const days = new Map<number, number>();
  let book = 0;
  let seen: number | undefined;
  let of: readonly unknown[] = [];

  function noteRevisions(): void {
    const last = newest.get() as number;
    // Before the first question nothing was answered that could be out of date.
    if (seen === undefined || last < seen) book += 1;
    else if (last > seen) {
      for (const [sequence, start, end] of revisions.iterate(seen)) {
        const until = Math.ceil(end / dayMinutes);
        for (let day = Math.floor(start / dayMinutes); day < until; day += 1) {
          days.set(day, sequence);
        }
      }
    }
    seen = last;
  }

  return {
    changed() {
      book += 1;
    },
    auditMarks() {
      noteRevisions();
      const parts = [registry(), identities(), cards()];
      const now = [dataVersion.get(), ...parts, ...parts.map(({ version }) => version)];
      if (now.some((one, index) => one !== of[index])) book += 1;
      of = now;
      return { book, usageOf: (day) => days.get(day / dayMs) ?? 0 };
    },
  };
}

/** Where another process writes: anything may be another whenever it is asked for. */
export function unknownAuditMarks(): AuditMarkReader {
  let book = 0;
  return { auditMarks: () => ({ book: (book += 1), usageOf: () => 0 }) };
}
