import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { boardsJson, panelsOf } from './board-schema.ts';
import type { BoardJson, BoardPanel } from './board-schema.ts';
import { openingAt } from './opening.ts';

/** The units that the linter knows and the boards use. */
const units: ReadonlySet<string> = new Set([
  'currencyUSD',
  'percentunit',
  'short',
  'ms',
  's',
  'reqps',
]);

interface Rule {
  readonly name: string;
  /** What breaks it, in words. */
  readonly faults: (board: BoardJson) => readonly string[];
  readonly only?: 'prometheus';
}

const ofPanels =
  (isFault: (panel: BoardPanel, board: BoardJson) => boolean) => (board: BoardJson) =>
    panelsOf(board).flatMap((panel) => (isFault(panel, board) ? [panel.title] : []));

const exprsOf = (board: BoardJson): readonly string[] =>
  panelsOf(board).flatMap(({ targets }) =>
    targets.flatMap((target) => ('expr' in target ? [target.expr] : [])),
  );
const ofExprs = (isFault: (expr: string) => boolean) => (board: BoardJson) =>
  exprsOf(board).filter(isFault);

/** What a panel asks of the API; nothing where it asks Prometheus. */
const paramsOf = ({ targets }: BoardPanel): ReadonlyMap<string, string> =>
  new Map(
    targets
      .flatMap((one) => ('expr' in one ? [] : one.url_options.params))
      .map(({ key, value }) => [key, value]),
  );
const questionOf = (panel: BoardPanel): string =>
  JSON.stringify([
    ...panel.targets.map((one) => ('expr' in one ? one.expr : one.url)),
    ...paramsOf(panel),
  ]);

/** When somebody may open a board: never at a whole hour. */
const someTime = [Date.UTC(2026, 10, 23, 12, 17, 5), Date.UTC(2026, 11, 1, 0, 0, 1)];

const queriesOf = (board: BoardJson) =>
  board.templating.list.filter(({ type }) => type === 'query');

/** The rules of https://github.com/grafana/dashboard-linter at 4d0844b; those for Loki have nothing to look at. */
const linter: readonly Rule[] = [
  {
    name: 'template-datasource: one variable for the data source, labelled so',
    faults: ({ templating }) =>
      templating.list.some(({ name, label }) => name === 'datasource' && label === 'Data source')
        ? []
        : ['no such variable'],
  },
  {
    name: 'panel-datasource: every panel asks it',
    faults: ofPanels(({ datasource }) => datasource.uid !== '${datasource}'),
  },
  {
    name: 'panel-title-description: both',
    faults: ofPanels(({ title, description }) => title === '' || description.length < 20),
  },
  {
    name: 'panel-units: a unit that the linter knows',
    faults: ofPanels(({ fieldConfig }) => !units.has(fieldConfig.defaults.unit)),
  },
  { name: 'panel-no-targets: a target', faults: ofPanels(({ targets }) => targets.length === 0) },
  {
    name: 'template-on-time-change-reload: variables are asked anew with the range',
    faults: (board) => queriesOf(board).flatMap((one) => (one.refresh === 2 ? [] : [one.name])),
  },
  {
    name: 'uneditable-dashboard',
    faults: ({ editable }) => (editable ? ['it can be edited'] : []),
  },
  { name: 'target-promql: every bracket closes', faults: ofExprs(isNoPromql), only: 'prometheus' },
  {
    name: 'target-rate-interval: $__rate_interval in every range',
    faults: ofExprs((expr) => expr.replaceAll('[$__rate_interval]', '').includes('[')),
    only: 'prometheus',
  },
  {
    name: 'target-counter-agg: a counter stands in rate or increase',
    faults: ofExprs((expr) =>
      /_total/.test(expr.replaceAll(/(?:rate|irate|increase)\([^()]*\)/g, '')),
    ),
    only: 'prometheus',
  },
  {
    name: 'template-label-promql: variables ask for the values of a label',
    faults: (board) =>
      queriesOf(board).flatMap(({ name, query }) =>
        typeof query === 'string' && /^label_values\(crossbill_\w+(\{[^{}]*\})?, \w+\)$/.test(query)
          ? []
          : [name],
      ),
    only: 'prometheus',
  },
  ...(['job', 'instance'] as const).flatMap((label): readonly Rule[] => [
    {
      name: `template-${label}: a variable`,
      faults: ({ templating }) =>
        templating.list.some(({ name }) => name === label) ? [] : ['no such variable'],
      only: 'prometheus',
    },
    {
      name: `target-${label}: a matcher in every selector`,
      faults: ofExprs(
        (expr) =>
          [...expr.matchAll(/crossbill_\w+(\{[^{}]*\})?/g)].filter(
            ([, braces = '']) => !braces.includes(`${label}=~"$${label}"`),
          ).length > 0,
      ),
      only: 'prometheus',
    },
  ]),
];

const ours: readonly Rule[] = [
  {
    name: 'panel ids are unique',
    faults: ({ panels }) => {
      const ids = panels.map(({ id }) => id);
      return ids.filter((id, index) => id === 0 || ids.indexOf(id) !== index).map(String);
    },
  },
  { name: 'panels fill 24 columns and do not overlap', faults: overlaps },
  {
    name: 'no placeholder of an import',
    faults: (board) => (JSON.stringify(board).includes('${DS_') ? ['${DS_'] : []),
  },
  { name: 'variables are defined where used, and used where defined', faults: strayVariables },
  {
    name: 'at most about twenty panels',
    faults: (board) => (panelsOf(board).length > 20 ? [String(panelsOf(board).length)] : []),
  },
  {
    name: 'UTC, the tag, and JSON of the version that every Grafana loads',
    faults: ({ timezone, tags, schemaVersion }) =>
      timezone === 'utc' && tags.includes('crossbill') && schemaVersion === 42 ? [] : ['not so'],
  },
  {
    name: 'it opens at a whole hour, and at a whole day where it asks by day',
    faults: (board) => {
      const isByDay = panelsOf(board).some((panel) => paramsOf(panel).get('step') === '1d');
      const whole = isByDay ? dayMs : hourMs;
      return someTime.flatMap((now) => {
        const opening = openingAt(board.time.from, now);
        return opening % whole === 0 && opening < now ? [] : [new Date(now).toISOString()];
      });
    },
  },
  {
    name: 'rows hold no column that no panel of their question uses',
    faults: (board) => {
      const used = new Map<string, Set<string>>();
      for (const panel of panelsOf(board)) {
        const url = questionOf(panel);
        const columns = panel.targets.flatMap((one) => ('expr' in one ? [] : one.columns));
        const known = used.get(url) ?? new Set();
        used.set(url, known);
        for (const { selector } of columns) known.add(selector);
      }
      return panelsOf(board).flatMap((panel) =>
        (paramsOf(panel).get('columns')?.split(',') ?? [])
          .filter((name) => used.get(questionOf(panel))?.has(name) !== true)
          .map((name) => `${panel.title}: ${name}`),
      );
    },
  },
  {
    name: 'what is asked by the width of the screen has a shortest and a most',
    faults: ofPanels(({ targets, interval, maxDataPoints = Infinity }) => {
      const byWidth = JSON.stringify(targets).includes('$__interval');
      return byWidth && (interval === undefined || maxDataPoints > 300);
    }),
  },
  {
    name: 'a panel without rows says why, and what to do, and no empty cell repeats it',
    faults: ofPanels(({ type, targets, fieldConfig }) => {
      const { defaults, overrides } = fieldConfig;
      const [first] = overrides;
      const taken = first?.properties.some(({ id, value }) => id === 'noValue' && value === null);
      const asks = targets.some((target) => 'expr' in target);
      if (type === 'stat' || asks) return defaults.noValue === undefined && !asks;
      return !taken || (defaults.noValue ?? '').length < 20;
    }),
  },
  {
    name: 'every column of a table has its width',
    faults: (board) =>
      panelsOf(board)
        .filter(({ type }) => type === 'table')
        .flatMap(({ title, fieldConfig }) =>
          fieldConfig.overrides
            .filter(({ matcher }) => matcher.id === 'byName')
            .filter(({ properties }) => !properties.some(({ id }) => /width$/i.test(id)))
            .map(({ matcher }) => `${title}: ${matcher.options}`),
        ),
  },
  {
    name: 'a list is always written as csv',
    faults: (board) =>
      board.templating.list
        .filter(({ multi }) => multi && board.uid !== 'crossbill-prometheus')
        .flatMap(({ name }) => {
          const bare = new RegExp(`\\$${name}\\b|\\$\\{${name}\\}`);
          return bare.test(JSON.stringify(board.panels)) ? [name] : [];
        }),
  },
];

describe.each(boardsJson())('$title', (board) => {
  const rules = [...linter, ...ours].filter(
    ({ only }) => only === undefined || board.uid === 'crossbill-prometheus',
  );
  it.each(rules)('$name', ({ faults }) => {
    expect(faults(board)).toEqual([]);
  });
});

it('the Prometheus board asks for metrics that the agent tells', () => {
  const folder = new URL('../../../agent/export/prometheus/', import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const told = new Set(sources.join('').match(/(?<=')crossbill_\w+(?=')/g));
  const asked =
    boardsJson()
      .flatMap(exprsOf)
      .join(' ')
      .match(/crossbill_\w+/g) ?? [];
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
});

describe('a planted fault is found', () => {
  const [board] = boardsJson();
  const [first, second] = board === undefined ? [] : panelsOf(board);
  it.each([
    ['panel-datasource', { datasource: { type: 'x', uid: 'y' } }],
    ['panel-title-description', { description: '' }],
    ['panel-no-targets', { targets: [] }],
    ['panel ids', { id: second?.id }],
    ['panels fill', { gridPos: { x: 20, y: 1, w: 6, h: 4 } }],
    ['no placeholder', { title: '${DS_PROMETHEUS}' }],
    ['variables are defined', { title: '$nobody' }],
    ['a list is always', { title: '${cloud}' }],
    ['a panel without rows', { type: 'table' }],
    ['rows hold no column', { targets: first?.targets.map(withSpareColumn) }],
    [
      'every column',
      {
        type: 'table',
        fieldConfig: {
          defaults: { unit: 'short' },
          overrides: [{ matcher: { id: 'byName', options: 'Cost' }, properties: [] }],
        },
      },
    ],
  ])('%s', (name, change) => {
    if (board === undefined || first === undefined) throw new Error('no board');
    const broken: BoardJson = {
      ...board,
      panels: [
        { ...first, ...change } as BoardPanel,
        ...board.panels.filter((one) => one !== first),
      ],
    };
    const rule = [...linter, ...ours].find((one) => one.name.startsWith(name));
    expect(rule?.faults(broken)).not.toEqual([]);
  });

  it.each(['now-7d', 'now-30d/h'])('a month by day that opens at %s', (from) => {
    if (board === undefined) throw new Error('no board');
    const rule = ours.find(({ name }) => name.startsWith('it opens'));
    const byDay = boardsJson().find(({ uid }) => uid === 'crossbill-trust') ?? board;
    expect(rule?.faults({ ...byDay, time: { ...byDay.time, from } })).not.toEqual([]);
  });
});

function withSpareColumn(target: BoardPanel['targets'][number]) {
  if ('expr' in target) return target;
  const params = [...target.url_options.params, { key: 'columns', value: 'nobodys' }];
  return { ...target, url_options: { ...target.url_options, params } };
}

function overlaps({ panels }: BoardJson): readonly string[] {
  const taken = new Map<string, string>();
  const faults: string[] = [];
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos;
    if (x < 0 || x + w > 24) faults.push(`${title} runs over the edge`);
    for (let column = x; column < x + w; column += 1) {
      for (let line = y; line < y + h; line += 1) {
        const cell = `${column},${line}`;
        const other = taken.get(cell);
        if (other !== undefined) faults.push(`${title} lies on ${other}`);
        taken.set(cell, title);
      }
    }
  }
  return [...new Set(faults)];
}

function strayVariables(board: BoardJson): readonly string[] {
  const { templating, ...rest } = board;
  const defined = templating.list.map(({ name }) => name);
  const text = JSON.stringify([rest, templating.list.map(({ query, ...one }) => [query, one])]);
  const used = [...text.matchAll(/\$\{?([a-zA-Z_]\w*)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('__'));
  return [
    ...used.filter((name) => !defined.includes(name)),
    ...defined.filter((name) => !used.includes(name)),
  ];
}

/** Brackets that do not close. */
function isNoPromql(expr: string): boolean {
  let rest = expr.replaceAll(/"[^"]*"/g, '');
  let before = '';
  while (before !== rest) {
    before = rest;
    rest = rest.replaceAll(/\(([^(){}[\]]*)\)|\{[^(){}[\]]*\}|\[[^(){}[\]]*\]/g, '$1');
  }
  return /[(){}[\]]/.test(rest);
}
