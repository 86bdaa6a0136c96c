import type { Config } from '../config/schema.ts';
import type { Log } from '../core/log.ts';
import type { PriceList } from '../core/price-list.ts';
import type { CostChange, PriceBookReader, PriceBookWriter } from '../core/price-store.ts';
import type { CalibrationReader } from '../core/calibration.ts';
import type { ReadingReader } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import type { PriceLoopDeps } from '../upkeep/price-loop.ts';
import type { Platform } from './platform.ts';
import { countOf, linesOf, priceOf, propose, raterWith } from './price-changes.ts';
import type { OwnPrices } from './price-changes.ts';
import { canonicalNames, wantedLists } from './price-lists.ts';

/** What the agent's daily update of prices works with. */
export function priceLoopDeps(
  platform: Pick<Platform, 'createPriceList'>,
  config: Pick<Config, 'sources' | 'prices'>,
  ledger: RatedLedger & Pick<ReadingReader, 'targets'>,
  own: OwnPrices,
  clock: Clock,
  log: Log,
): PriceLoopDeps {
  return {
    clock,
    log,
    ledger,
    async lists() {
      const { lists } = wantedLists(config, await ledger.targets());
      return Promise.all(
        lists.map(({ name, cloud: _cloud, ...setting }): Promise<PriceList> =>
          platform.createPriceList(name, setting, { clock, canonicalOf: canonicalNames[name] }),
        ),
      );
    },
    judge(rows, listing) {
      const proposals = propose(rows, [listing], config.prices.confirmAbove);
      raterWith(proposals.after, own, []);
      const edit = proposals.lists[0]?.edit ?? { ends: [], begins: [], waiting: [] };
      return {
        edit,
        taken: countOf(proposals),
        waiting: linesOf(edit.waiting).length,
        waitingModels: [...new Set(edit.waiting.map((change) => priceOf(change).model))],
      };
    },
    async rate() {
      return rateAnew(ledger, own, clock);
    },
  };
}

export type RatedLedger = PriceBookReader & PriceBookWriter & CalibrationReader;

/** Rates with the book and what bills taught, as the ledger holds them now, and anew what that changes. */
export async function rateAnew(
  ledger: RatedLedger,
  own: OwnPrices,
  clock: Clock,
): Promise<readonly CostChange[]> {
  const [prices, calibrations] = await Promise.all([ledger.prices(), ledger.calibrations()]);
  return ledger.rateWith(raterWith(prices, own, calibrations), clock.now());
}
