import { Dollars, Short } from '@grafana/grafana-foundation-sdk/units';
import { caching } from '../asks.ts';
import type { Section } from '../board.ts';
import { count, model, money, share } from '../columns.ts';
import { stat, table } from '../panels.ts';
import { estimated, metered } from '../words.ts';

/** What was read from caches in money: what it spared, what writing cost, and what more there is to gain. */
export function cacheEconomics(): Section {
  const saved = money('saved_usd', 'Saved');
  const premium = money('write_premium_usd', 'Write premium');
  const net = money('net_saved_usd', 'Net saved');
  const could = money('could_save_usd', 'Could save, at most');
  const bound =
    "An upper bound: as if in every place as large a share of a model's input were read from a cache as in the place that reads " +
    'the largest share of the same model, and writing it there cost nothing.';
  return {
    title: 'What caching saved in the range, and what it could',
    lines: [
      {
        height: 4,
        panels: [
          [
            stat({
              title: 'Net saved',
              description: `What reading from caches cost less than the same as plain input, less what writing to them cost more. Below 0, caching costs more than it saves. ${estimated}`,
              ask: caching([net]),
              unit: Dollars,
              decimals: 2,
              shows: [net.text],
            }),
            6,
          ],
          [
            stat({
              title: 'Saved by reading, paid for writing',
              description: `The two sides of what was saved: reads at the price of input less that of reading, writes at the price of writing less that of input. ${estimated}`,
              ask: caching([saved, premium]),
              unit: Dollars,
              decimals: 2,
              shows: [saved.text, premium.text],
            }),
            7,
          ],
          [
            stat({
              title: could.text,
              description: `${bound} ${estimated}`,
              ask: caching([could]),
              unit: Dollars,
              decimals: 2,
              shows: [could.text],
            }),
            6,
          ],
          [
            stat({
              title: 'Tokens in no sum',
              description: `Input tokens whose input or cache has no price, and those of capacity, which is paid by the hour. ${metered}`,
              ask: caching([count('uncounted_tokens', 'Uncounted')]),
              unit: Short,
              shows: ['Uncounted'],
            }),
            5,
          ],
        ],
      },
      {
        height: 9,
        panels: [
          [
            table({
              title: 'Caching by model',
              description: `What each model's caches saved at the prices of their day. ${bound} Best share is that of the place that sets the example. ${estimated}`,
              ask: caching(
                [
                  model,
                  share('cache_read_share', 'Cache share'),
                  share('best_cache_read_share', 'Best share'),
                  saved,
                  premium,
                  net,
                  could,
                  count('uncounted_tokens', 'Uncounted'),
                  share('settled', 'Settled'),
                ],
                'model',
              ),
              sortBy: could.text,
            }),
            24,
          ],
        ],
      },
    ],
  };
}
