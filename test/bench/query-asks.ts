import type { Instant } from '../../agent/core/time.ts';
import { boardsJson, panelsOf, targetOf } from '../dashboards/grafana/board-schema.ts';
import type { BoardJson, InfinityTarget } from '../dashboards/grafana/board-schema.ts';
import { runInfinity } from '../dashboards/grafana/infinity-emulator.ts';
import { openingAt } from '../dashboards/grafana/opening.ts';

/** A question of a board, as somebody asks it who has chosen nothing. */
export interface Ask {
  readonly board: string;
  /** The panel's title, or `$name` of a variable. */
  readonly name: string;
  /** What the panel uses of the answer. */
  readonly columns: readonly string[];
  /** Path and query at that moment. */
  path(now: Instant): Promise<string>;
}

const oneModel = 'openai/gpt-5.6-sol';

/** Every question of every board that asks the API: panels, variables, annotations. */
export function boardAsks(): readonly Ask[] {
  return boardsJson()
    .filter(({ uid }) => uid !== 'crossbill-prometheus')
    .flatMap(asksOf);
}

function asksOf(board: BoardJson): readonly Ask[] {
  const variables = Object.fromEntries(
    board.templating.list.map(({ name, type, allValue }) => [
      name,
      type === 'datasource' ? ['crossbill'] : [allValue ?? oneModel],
    ]),
  );
  const ask = (
    name: string,
    target: InfinityTarget,
    span: (now: Instant) => { readonly from: Instant; readonly to: Instant },
    interval = '1h',
  ): Ask => ({
    board: board.uid.replace('crossbill-', ''),
    name,
    columns: target.columns.map(({ selector }) => selector),
    async path(now) {
      let asked = '';
      await runInfinity(target, { variables, ...span(now), interval }, (path) => {
        asked = path;
        return new Response('[]');
      });
      return asked;
    },
  });
  const whole = (now: Instant) => ({ from: openingAt(board.time.from, now), to: now });
  const panels = panelsOf(board).map((panel) => ask(panel.title, targetOf(panel), whole));
  const choices = board.templating.list.flatMap(({ name, query }) =>
    typeof query === 'string' ? [] : [ask(`$${name}`, query.infinityQuery, whole)],
  );
  const marks = board.annotations.list.map((one) => ask(one.name, one.target, whole));
  return [...panels, ...choices, ...marks];
}
