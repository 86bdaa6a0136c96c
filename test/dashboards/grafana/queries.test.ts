import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import { apiNow } from '../../support/api-world.ts';
import { boardsJson, panelsOf, targetOf } from './board-schema.ts';
import type { BoardJson, BoardPanel } from './board-schema.ts';
import { ask, boardWorld, startOf, viewerOf } from './board-world.ts';
import type { Frame, Viewer } from './infinity-emulator.ts';
import { fieldIn, transformed } from './transformations.ts';

const world = boardWorld();
const boards = boardsJson().filter(({ uid }) => uid !== 'crossbill-prometheus');

/** Every variable as its first view has it. */
function chosen({ templating }: BoardJson): Record<string, readonly string[]> {
  return Object.fromEntries(
    templating.list.map(({ name, type, allValue }) => [
      name,
      type === 'datasource' ? ['crossbill'] : [allValue ?? 'openai/gpt-5.6-sol'],
    ]),
  );
}

function viewing(board: BoardJson, variables = chosen(board)): Viewer {
  return viewerOf(startOf(board.time.from), variables);
}

async function shown(board: BoardJson, panel: BoardPanel, viewer = viewing(board)) {
  return transformed(await ask(world, targetOf(panel), viewer), panel.transformations);
}

const everyPanel = boards.flatMap((board) =>
  panelsOf(board).map((panel) => ({ name: `${board.title} / ${panel.title}`, board, panel })),
);

describe('every panel asks what the API answers', () => {
  it.each(everyPanel)('$name', async ({ board, panel }) => {
    const frame = await shown(board, panel);
    expect(frame.notices).toEqual([]);
    expect(frame.fields[0]?.values.length).toBeGreaterThan(0);
    for (const name of namesUsed(panel)) fieldIn(frame, name);
    expect(shapeFaults(panel, frame)).toEqual([]);
  });

  it.each(everyPanel)(
    '$name, of two clouds, two accounts and two teams',
    async ({ board, panel }) => {
      const several = {
        ...chosen(board),
        cloud: ['aws', 'azure'],
        account: ['111122223333', '00000000-0000-0000-0000-000000000001'],
        team: ['search', 'support'],
      };
      const frame = await shown(board, panel, viewing(board, several));
      expect(frame.notices).toEqual([]);
    },
  );
});

/** Columns that a panel names outside of its transformations, which name theirs at once. */
function namesUsed({ fieldConfig, options }: BoardPanel): readonly string[] {
  const [, shows = ''] = /^\/\^\(?(.+?)\)?\$\/$/.exec(options.reduceOptions?.fields ?? '') ?? [];
  return [
    ...fieldConfig.overrides.flatMap(({ matcher }) =>
      matcher.id === 'byName' ? [matcher.options] : [],
    ),
    ...(options.sortBy ?? []).map(({ displayName }) => displayName),
    ...(shows === '' ? [] : shows.split('|')),
  ];
}

/** What of a frame its kind of panel cannot show. */
function shapeFaults(panel: BoardPanel, { fields }: Frame): readonly string[] {
  if (panel.type === 'timeseries') {
    const [time, ...series] = fields;
    const used = [...(panel.fieldConfig.defaults.displayName ?? '').matchAll(/labels\.(\w+)/g)];
    const names = used.map(([, name = '']) => name).toSorted();
    return [
      ...(time?.type === 'time' ? [] : ['no time']),
      ...series.flatMap(({ name, type, labels }) => [
        ...(type === 'number' ? [] : [`${name} is no number`]),
        ...(Object.keys(labels).toSorted().join() === names.join()
          ? []
          : [`${name} is told apart by ${Object.keys(labels).join()}, named by ${names.join()}`]),
      ]),
    ];
  }
  if (panel.type === 'bargauge') {
    const types = fields.map(({ type }) => type).toSorted();
    return types.join() === 'number,string' ? [] : ['a bar is one number named by one text'];
  }
  const { calcs = [] } = panel.options.reduceOptions ?? {};
  if (panel.type !== 'stat' || calcs[0] !== 'lastNotNull') return [];
  return fields.flatMap(({ name, values }) =>
    values.length === 1 ? [] : [`${name} has ${values.length} rows, of which one is shown`],
  );
}

describe('every variable is fed by the API', () => {
  const variables = boards.flatMap((board) =>
    board.templating.list.flatMap(({ name, query }) =>
      typeof query === 'string' ? [] : [{ board, name, query: query.infinityQuery }],
    ),
  );
  it.each(variables)('$name of $board.title', async ({ board, name, query }) => {
    const viewer = viewerOf(startOf(board.time.from));
    const { fields, notices } = await ask(world, query, viewer);
    expect(notices).toEqual([]);
    expect(fields.map((field) => field.name)).toEqual([name]);
    const values = fields[0]?.values ?? [];
    expect(values.length).toBeGreaterThan(0);
    expect(new Set(values).size).toBe(values.length);
  });
});

describe('annotations', () => {
  const marked = boards.filter(({ annotations }) => annotations.list.length > 0);
  it.each(marked)('of $title mark alerts', async (board) => {
    for (const { target } of board.annotations.list) {
      const { fields, notices } = await ask(world, target, viewerOf(apiNow - dayMs));
      expect(notices).toEqual([]);
      expect(fields.map(({ name }) => name)).toEqual(['tags', 'text', 'time', 'timeEnd', 'title']);
      expect(fields.find(({ name }) => name === 'time')?.values[0]).toEqual(expect.any(Number));
    }
  });
});
