import { toUsd } from '../core/money.ts';
import { toExternalError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { PriceList, PriceListing } from '../core/price-list.ts';
import type {
  CostChange,
  KeptEdit,
  PriceBookReader,
  PriceBookWriter,
} from '../core/price-store.ts';
import type { Price, PriceSource } from '../core/price.ts';
import type { Clock, Instant } from '../core/time.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../core/time.ts';

/** What becomes of the book by a list, as far as it waits for nobody. */
export interface JudgedListing {
  readonly edit: KeptEdit;
  /** Changes that are taken. */
  readonly taken: number;
  /** Changes that wait for a person, and of which models. */
  readonly waiting: number;
  readonly waitingModels: readonly string[];
}

export interface PriceLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Pick<PriceBookReader, 'prices' | 'editions'> &
    Pick<PriceBookWriter, 'keepPrices' | 'keepOffer'>;
  /** The lists that can be asked for now: none before the regions are known. */
  lists(): Promise<readonly PriceList[]>;
  /** Pure. Throws where what it would take contradicts the rest of the book. */
  judge(rows: readonly Price[], listing: PriceListing): JudgedListing;
  /** Rates with the book as it is now, and anew what that changes. */
  rate(): Promise<readonly CostChange[]>;
}

/** Until the regions are known, and after a start, for what it collects comes first. */
const lookAgainMs = 5 * minuteMs;
const mostWaitMs = 6 * hourMs;

/**
 * Fetches each list once a day, takes what waits for nobody, rates anew and says what waits. A list that fails is in the log
 * and tried again after an hour, then after two, at most six; it holds up no other. Resolves after the signal has aborted.
 */
export async function runPriceUpdates(deps: PriceLoopDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const failures = new Map<PriceSource, { readonly count: number; readonly nextTry: Instant }>();
  const owed = { rating: false };
  await clock.sleep(lookAgainMs, signal);
  while (!signal.aborted) {
    let next = clock.now() + lookAgainMs;
    try {
      const lists = await deps.lists();
      const dues: Instant[] = [];
      for (const list of lists) {
        const due = failures.get(list.name)?.nextTry ?? (await dueOf(deps, list.name));
        if (due > clock.now()) {
          dues.push(due);
          continue;
        }
        const failed = await failureOf(() => update(deps, list, owed, signal));
        if (signal.aborted) return;
        if (failed === undefined) {
          failures.delete(list.name);
          dues.push(clock.now() + dayMs);
          continue;
        }
        const count = (failures.get(list.name)?.count ?? 0) + 1;
        const wait = Math.min(mostWaitMs, hourMs * 2 ** (count - 1));
        const nextTry = clock.now() + Math.max(wait, failed.retryAfterMs ?? 0);
        failures.set(list.name, { count, nextTry });
        dues.push(nextTry);
        log.warn('prices could not be updated', {
          list: list.name,
          reason: failed.reason,
          message: failed.message,
          hint: `${failed.hint} The prices stay as they were.`,
          nextTry: isoUtc(nextTry),
        });
      }
      if (dues.length > 0) next = Math.min(...dues);
    } catch (thrown) {
      log.error('prices could not be updated', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again; until then the prices stay as they were.',
      });
    }
    await clock.sleep(Math.max(minuteMs, next - clock.now()), signal);
  }
}

/** A day after the list was last fetched, by this process or an earlier one; at once where it never was. */
async function dueOf({ ledger }: PriceLoopDeps, source: PriceSource): Promise<Instant> {
  const edition = (await ledger.editions()).find((one) => one.source === source);
  return edition === undefined ? 0 : edition.fetchedAt + dayMs;
}

async function failureOf(work: () => Promise<void>) {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    return toExternalError(thrown, 'prices');
  }
}

async function update(
  deps: PriceLoopDeps,
  list: PriceList,
  owed: { rating: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { ledger, log } = deps;
  const listing = await list.fetch(signal);
  if (signal.aborted) return;
  ledger.keepOffer(listing);
  const { source, version, fetchedAt } = listing;
  const { edit, taken, waiting, waitingModels } = deps.judge(await ledger.prices(), listing);
  owed.rating ||= taken > 0;
  ledger.keepPrices(edit, { source, version, fetchedAt });
  // Where rating failed the last time, what was taken then is not rated yet.
  const rated = owed.rating ? await deps.rate() : [];
  owed.rating = false;
  log.info('prices updated', {
    list: list.name,
    version,
    taken,
    waiting,
    ratedAnew: rated.map(({ model, before, after }) => `${model} ${moved(before, after)}`),
  });
  if (waiting === 0) return;
  log.warn('prices wait for somebody to accept them', {
    list: list.name,
    changes: waiting,
    models: waitingModels,
    hint: '`crossbill prices diff` shows them and why. `crossbill prices accept` takes them, once this agent is stopped.',
  });
}

function moved(before: bigint | null, after: bigint | null): string {
  const [from, to] = [before, after].map((nano) =>
    nano === null ? 'unpriced' : toUsd(nano).toFixed(2),
  );
  return `${from} → ${to} USD`;
}
