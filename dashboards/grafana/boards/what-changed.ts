import { changes } from '../asks.ts';
import type { Section } from '../board.ts';
import { code, count, model, money, share, team } from '../columns.ts';
import type { Column } from '../infinity.ts';
import { table } from '../panels.ts';
import { estimated } from '../words.ts';

const changeColumns: readonly Column[] = [
  money('change_usd', 'Change'),
  { ...code('why', 'Why'), width: 90 },
  money('cost_usd', 'Cost'),
  money('cost_before_usd', 'Cost before'),
  money('price_usd', 'Price'),
  money('volume_usd', 'Volume'),
  money('mix_usd', 'Mix'),
  money('new_usd', 'New'),
  money('gone_usd', 'Gone'),
  money('capacity_usd', 'Capacity'),
  money('unknown_usd', 'Not known'),
  count('tokens', 'Tokens'),
  count('tokens_before', 'Tokens before'),
  share('covered', 'Looked at'),
  share('settled', 'Settled'),
];

/** Two weeks of whole days, split into price, volume, mix and what is none of them. */
export function whatChanged(): Section {
  return {
    title: 'What changed since last week, and why',
    lines: [
      {
        height: 10,
        panels: [[changeTable('What changed in a week, by model', model, 'model'), 24]],
      },
      { height: 9, panels: [[changeTable('What changed in a week, by team', team, 'team'), 24]] },
    ],
  };
}

function changeTable(title: string, column: Column, groupBy: string) {
  return table({
    title,
    description:
      'The last seven whole UTC days against the seven before them, whatever the range. Price: the same tokens cost more. Volume: ' +
      'more of all of them. Mix: they shifted between models, places and types. New and gone: used in one of the weeks only. ' +
      'Capacity: paid by the hour. Not known: hours that were not looked at in one of the weeks, and tokens without a price, so neither rise nor fall. ' +
      `The parts add up to the change. ${estimated}`,
    ask: changes([column, ...changeColumns], groupBy),
    sortBy: 'Change',
    noValue: 'Nothing is known of these two weeks yet: it takes whole UTC days that were read.',
  });
}
