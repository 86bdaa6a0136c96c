import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  dateMath,
  dateTime,
  FieldType,
  rangeUtil,
  toDataFrame,
  transformDataFrame,
} from '@grafana/data';
import type { DataFrame, FieldConfigSource, GrafanaTheme2, TimeRange } from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import type {
  BoardJson,
  BoardPanel,
  InfinityTarget,
} from '../../../test/dashboards/grafana/board-schema.ts';
import type { Frame } from '../../../test/dashboards/grafana/infinity-emulator.ts';
import { fieldConfigRegistry, replaceVariables } from './grafana.ts';

/** Variables as the viewer has them, and the range. */
export interface View {
  readonly range: TimeRange;
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** A board as it opens, but for what is chosen. */
export async function viewOf(
  { time, templating }: BoardJson,
  chosen: Readonly<Record<string, string>>,
): Promise<View> {
  const from = dateMath.toDateTime(time.from, { timezone: 'utc' }) ?? dateTime();
  const to = dateMath.toDateTime(time.to, { timezone: 'utc', roundUp: true }) ?? dateTime();
  const range: TimeRange = { from, to, raw: time };
  const variables: Record<string, readonly string[]> = {};
  for (const { name, type, query, allValue } of templating.list) {
    if (type === 'datasource' || typeof query === 'string') {
      variables[name] = ['Crossbill'];
    } else if (chosen[name] !== undefined) {
      variables[name] = [chosen[name]];
    } else if (allValue === undefined) {
      const frame = await ask(query.infinityQuery, { range, variables });
      const values = frame.fields[0]?.values.map(String) ?? [];
      variables[name] = [values.toSorted((a, b) => a.localeCompare(b))[0] ?? ''];
    } else {
      variables[name] = [allValue];
    }
  }
  return { range, variables };
}

function ask(target: InfinityTarget, { range, variables }: View, interval = '1m'): Promise<Frame> {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  return window.ask(target, { variables, from, to, interval });
}

/** A panel's answer as its kind of panel is handed it. */
export interface Answer {
  readonly frames: readonly DataFrame[];
  readonly trouble: string | undefined;
}

/** Asks what a panel asks, and lets Grafana make of it what it would. `width`: of the panel, in pixels. */
export async function answerOf(
  panel: BoardPanel,
  view: View,
  width: number,
  theme: GrafanaTheme2,
): Promise<Answer> {
  const [target] = panel.targets;
  if (target === undefined || 'expr' in target) return { frames: [], trouble: undefined };
  const most = panel.maxDataPoints ?? Math.max(1, Math.floor(width));
  const { interval } = rangeUtil.calculateInterval(view.range, most, panel.interval);
  try {
    const asked = await ask(target, view, interval);
    const steps = panel.transformations.map((step) => ({ ...step }));
    const made = await firstValueFrom(transformDataFrame(steps, [dataFrame(asked)]));
    const fieldConfig = panel.fieldConfig as FieldConfigSource;
    const frames = applyFieldOverrides({
      data: made,
      fieldConfig,
      fieldConfigRegistry,
      replaceVariables,
      theme,
      timeZone: 'utc',
    });
    cacheFieldDisplayNames(frames);
    const seen = [...new Set(asked.notices)];
    return { frames, trouble: seen.length > 0 ? seen.join('; ') : undefined };
  } catch (error) {
    return { frames: [], trouble: String(error) };
  }
}

const types = { number: FieldType.number, string: FieldType.string, time: FieldType.time };

function dataFrame({ fields }: Frame): DataFrame {
  return toDataFrame({
    refId: 'A',
    fields: fields.map(({ name, type, labels, values }) => ({
      name,
      type: types[type],
      values: [...values],
      config: {},
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    })),
  });
}
