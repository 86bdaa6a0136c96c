import { dashboardOf } from './board.ts';
import type { Board } from './board.ts';
import { budgets } from './boards/budgets.ts';
import { oneModel } from './boards/one-model.ts';
import { prometheus } from './boards/prometheus.ts';
import { spend } from './boards/spend.ts';
import { tokens } from './boards/tokens.ts';
import { trust } from './boards/trust.ts';

/** Every board, the one to open first first. */
const boards: readonly Board[] = [spend, tokens, oneModel, trust, budgets, prometheus];

/** What stands in each file under `generated/`. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map(
    boards.map((board) => [
      `${board.uid}.json`,
      `${JSON.stringify(dashboardOf(board), undefined, 2)}\n`,
    ]),
  );
}
