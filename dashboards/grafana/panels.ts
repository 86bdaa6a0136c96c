import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarAlignment,
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type {
  DataTransformerConfig,
  DynamicConfigValue,
  GridPos,
  Panel,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { infinity, infinitySource } from './infinity.ts';
import type { Ask, Column } from './infinity.ts';
import { inOrder, largestFirst } from './transform.ts';
import { nothing } from './words.ts';

/** A panel that has no place yet. */
export interface Unplaced extends Builder<Panel> {
  id(id: number): this;
  gridPos(place: GridPos): this;
}

interface About {
  readonly title: string;
  /** What it shows, and how far it can be believed. */
  readonly description: string;
  readonly ask: Ask;
  readonly transformations?: readonly DataTransformerConfig[];
}

/** Values from which a colour holds; the first is the base. */
export type Thresholds = readonly (readonly [colour: string, from: number | null])[];

const green: Thresholds = [['green', null]];
/** Good when small. */
export function worseAbove(yellow: number, red: number): Thresholds {
  return [
    ['green', null],
    ['yellow', yellow],
    ['red', red],
  ];
}
/** Good when large. */
export function worseBelow(yellow: number, red: number): Thresholds {
  return [
    ['red', null],
    ['yellow', red],
    ['green', yellow],
  ];
}

interface StatOptions extends About {
  readonly unit: string;
  readonly decimals?: number;
  /** Names of the columns it shows, after the transformations. */
  readonly shows: readonly string[];
  /** How many rows become one figure. */
  readonly reduce?: 'lastNotNull' | 'sum' | 'max' | 'count';
  readonly thresholds?: Thresholds;
  readonly noValue?: string;
}

export function stat(options: StatOptions): Unplaced {
  const { shows, thresholds = green, reduce = 'lastNotNull' } = options;
  const panel = new StatBuilder()
    .unit(options.unit)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs([reduce])
        .values(false)
        .fields(`/^(${shows.join('|')})$/`),
    )
    .graphMode(BigValueGraphMode.None)
    .colorMode(thresholds.length > 1 ? BigValueColorMode.Value : BigValueColorMode.None)
    .textMode(shows.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .noValue(options.noValue ?? '–')
    .mappings(options.noValue === undefined ? [noColour] : [])
    .wideLayout(shows.length === 1)
    .thresholds(thresholdsOf(thresholds));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  return described(panel, options);
}

/** Nothing is neither good nor bad. */
const noColour: ValueMapping = {
  type: MappingType.SpecialValue,
  options: {
    match: SpecialValueMatch.NullAndNan,
    result: { text: '–', color: 'text', index: 0 },
  },
};

interface SeriesOptions extends About {
  readonly unit: string;
  /** Stacked bars for what adds up, lines for what does not. */
  readonly style: 'bars' | 'lines';
  /** `${__field.labels.<column>}` where a text column tells the series apart. */
  readonly name?: string;
  readonly max?: number;
  /** The shortest bucket. */
  readonly interval?: string;
  /** What its legend says of a series: unless said, the total of bars, and mean and greatest of lines. */
  readonly legend?: 'last' | 'last and mean';
  /** Beside the graph where there may be more than three series: below it they would have to scroll. */
  readonly many?: boolean;
}

/** Numbers over time, one series for each number and each value of the text columns. */
export function series(options: Omit<SeriesOptions, 'ask'> & { readonly ask: Ask }): Unplaced {
  const ask: Ask = { ...options.ask, format: 'timeseries' };
  const panel = seriesLook(options).noValue(nothing).overrideByRegexp(everyField, onlyWhenEmpty);
  return described(panel, { ...options, ask });
}

/** What is said in place of a panel without rows would otherwise stand in every cell and at every point without a value. */
const onlyWhenEmpty: DynamicConfigValue[] = [{ id: 'noValue', value: null }];
const everyField = '/.*/';

/** More would be refused where many series share an answer of ten thousand rows. */
const mostBuckets = 300;

/** How series look, whatever they come from. */
function seriesLook(
  options: Pick<SeriesOptions, 'unit' | 'style' | 'name' | 'max' | 'interval' | 'legend' | 'many'>,
): TimeSeriesBuilder {
  const stacked = options.style === 'bars';
  const [calcs, sortedBy] = legendOf(options);
  const panel = new TimeSeriesBuilder()
    .unit(options.unit)
    .min(0)
    .drawStyle(stacked ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity(stacked ? 80 : 0)
    .lineWidth(stacked ? 0 : 2)
    .barAlignment(BarAlignment.After)
    .showPoints(VisibilityMode.Auto)
    .stacking(
      new StackingConfigBuilder()
        .mode(stacked ? StackingMode.Normal : StackingMode.None)
        .group('A'),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(options.many === true ? LegendPlacement.Right : LegendPlacement.Bottom)
        .calcs([...calcs])
        .sortBy(sortedBy)
        .sortDesc(true),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  if (options.name !== undefined) panel.displayName(options.name);
  if (options.max !== undefined) panel.max(options.max);
  if (options.interval !== undefined) panel.interval(options.interval).maxDataPoints(mostBuckets);
  return panel;
}

/** Which figures, and the heading of the one that sorts: the largest stand where they are seen without scrolling. */
function legendOf({
  style,
  legend,
}: Pick<SeriesOptions, 'style' | 'legend'>): readonly [readonly string[], string] {
  if (legend === 'last') return [['lastNotNull'], 'Last *'];
  if (legend === 'last and mean') return [['lastNotNull', 'mean'], 'Last *'];
  return style === 'bars' ? [['sum'], 'Total'] : [['mean', 'max'], 'Mean'];
}

interface TableOptions extends About {
  /** Columns that transformations make, with their unit. */
  readonly made?: Readonly<Record<string, string>>;
  /** Which columns, in which order; all asked for unless said. */
  readonly shows?: readonly string[];
  readonly sortBy?: string;
  readonly noValue?: string;
}

/** Rows as they come, the largest of `sortBy` first. */
export function table(options: TableOptions): Unplaced {
  const { ask, made = {} } = options;
  const own = ask.columns.map(({ text }) => text);
  const shows = options.shows ?? own;
  const panel = new TableBuilder()
    .unit('short')
    .filterable(true)
    .noValue(options.noValue ?? nothing)
    .overrideByRegexp(everyField, onlyWhenEmpty);
  const shown: readonly Shown[] = [
    ...ask.columns,
    ...Object.entries(made).map(([text, unit]) => ({ ...inFull(unit), text, unit, width: 95 })),
  ].filter(({ text }) => shows.includes(text));
  for (const column of shown)
    override(panel, column.text, propertiesOf(column, restOf(column, shown)));
  if (options.sortBy !== undefined) {
    panel.sortBy([new TableSortByFieldStateBuilder().displayName(options.sortBy).desc(true)]);
  }
  const steps = options.transformations ?? [];
  const all = [...own, ...steps.flatMap(aliasOf)];
  return described(panel, { ...options, transformations: [...steps, inOrder(shows, all)] });
}

interface GaugeOptions extends About {
  readonly unit: string;
  /** The column that is the bar; the one text column names it. */
  readonly value: string;
  readonly thresholds: Thresholds;
  readonly max?: number;
  readonly noValue?: string;
}

/** A bar a row, the longest first. */
export function bars(options: GaugeOptions): Unplaced {
  const panel = new BarGaugeBuilder()
    .unit(options.unit)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Color)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(true)
        .fields(`/^${options.value}$/`),
    )
    .noValue(options.noValue ?? nothing)
    .overrideByRegexp(everyField, onlyWhenEmpty)
    .thresholds(thresholdsOf(options.thresholds));
  if (options.max !== undefined) panel.max(options.max);
  return described(panel, { ...options, transformations: [largestFirst(options.value)] });
}

type AnyBuilder = StatBuilder | TableBuilder | TimeSeriesBuilder | BarGaugeBuilder;

function described<B extends AnyBuilder>(panel: B, about: About): B {
  panel
    .title(about.title)
    .description(about.description)
    .datasource(infinitySource)
    .targets([infinity(about.ask)])
    .transformations([...(about.transformations ?? [])]);
  return panel;
}

/** What a panel over Prometheus shows. */
export function prometheusSeries(
  options: Omit<SeriesOptions, 'ask'> & { readonly query: Builder<Dataquery> },
  source: { readonly type: string; readonly uid: string },
): Unplaced {
  return seriesLook(options)
    .title(options.title)
    .description(options.description)
    .datasource(source)
    .targets([options.query]);
}

/** A stat over Prometheus: the newest value. */
export function prometheusStat(
  options: Pick<StatOptions, 'title' | 'description' | 'unit'> & {
    readonly query: Builder<Dataquery>;
    readonly thresholds?: Thresholds;
  },
  source: { readonly type: string; readonly uid: string },
): Unplaced {
  const { thresholds = green } = options;
  return new StatBuilder()
    .unit(options.unit)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .graphMode(BigValueGraphMode.None)
    .colorMode(thresholds.length > 1 ? BigValueColorMode.Value : BigValueColorMode.None)
    .noValue('–')
    .thresholds(thresholdsOf(thresholds))
    .title(options.title)
    .description(options.description)
    .datasource(source)
    .targets([options.query]);
}

function override(panel: TableBuilder, name: string, properties: DynamicConfigValue[]): void {
  if (properties.length > 0) panel.overrideByName(name, properties);
}

type Shown = Omit<Column, 'selector' | 'type'>;

/** A number that is not shortened has cents at most. */
function inFull(unit: string): Pick<Column, 'decimals'> {
  return unit === 'locale' ? { decimals: 2 } : {};
}

/** Sentences take all that is left; where no column asks for it, the first does. */
function restOf({ text, rest }: Shown, all: readonly Shown[]): Column['rest'] {
  if (rest === 'lines') return rest;
  if (all.some((one) => one.rest === 'lines')) return undefined;
  if (all.some((one) => one.rest === 'line')) return rest;
  return text === all[0]?.text ? 'line' : undefined;
}

function propertiesOf(column: Shown, rest: Column['rest']): DynamicConfigValue[] {
  const { unit, decimals, mappings, link } = column;
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(link === undefined ? [] : [{ id: 'links', value: [{ ...link, targetBlank: false }] }]),
    ...widthOf(column, rest),
  ];
}

/** Grafana gives every column the same width unless told: then headings and sentences are cut. */
function widthOf({ text, width = 90 }: Shown, rest: Column['rest']): DynamicConfigValue[] {
  const least = Math.max(width, text.length * headingLetter + headingRoom);
  if (rest === undefined) return [{ id: 'custom.width', value: least }];
  const inLines = [
    { id: 'custom.wrapText', value: true },
    { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } },
  ];
  return [{ id: 'custom.minWidth', value: least }, ...(rest === 'lines' ? inLines : [])];
}

/** In pixels: a letter of a heading, and its padding with the arrow of a sorted column. */
const headingLetter = 8;
const headingRoom = 36;

function thresholdsOf(thresholds: Thresholds): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(thresholds.map(([color, value]) => ({ color, value })));
}

function aliasOf({ options }: DataTransformerConfig): readonly string[] {
  const { alias }: { readonly alias?: unknown } = options;
  return typeof alias === 'string' ? [alias] : [];
}
