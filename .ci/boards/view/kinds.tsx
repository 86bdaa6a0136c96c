import {
  FieldType,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  VizOrientation,
} from '@grafana/data';
import type {
  DataFrame,
  DisplayValueAlignmentFactors,
  FieldConfigSource,
  FieldDisplay,
  ReduceDataOptions,
  TimeRange,
} from '@grafana/data';
import { BarGaugeDisplayMode, BarGaugeNamePlacement, BarGaugeValueMode } from '@grafana/schema';
import type { VizLegendOptions } from '@grafana/schema';
import {
  BarGauge,
  BigValue,
  BigValueGraphMode,
  BigValueJustifyMode,
  TimeSeries,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import type { BigValueColorMode, BigValueTextMode, VizRepeaterRenderValueProps } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import type { BoardPanel } from '../../../test/dashboards/grafana/board-schema.ts';
import { replaceVariables } from './grafana.ts';

/** Each kind as its plugin uses Grafana's components; the plugins themselves are not on npm. */
interface Props {
  readonly panel: BoardPanel;
  readonly frames: readonly DataFrame[];
  readonly range: TimeRange;
  readonly width: number;
  readonly height: number;
}

export function Content(props: Props) {
  const { panel, frames } = props;
  const empty = frames.every(({ fields }) => fields.length === 0);
  if (panel.type === 'stat') return <Stat {...props} />;
  if (empty) return <NoData {...props} />;
  if (panel.type === 'bargauge') return <Bars {...props} />;
  if (panel.type === 'timeseries') return <Series {...props} />;
  return <Table {...props} />;
}

export function NoData({ panel, width, height }: Props) {
  const center = { display: 'flex', alignItems: 'center', justifyContent: 'center' } as const;
  return (
    <div style={{ ...center, width, height, fontSize: 16, textAlign: 'center', padding: 8 }}>
      {panel.fieldConfig.defaults.noValue ?? 'No data'}
    </div>
  );
}

type Repeated = VizRepeaterRenderValueProps<FieldDisplay, DisplayValueAlignmentFactors>;

function useValues({ panel, frames }: Props): () => FieldDisplay[] {
  const theme = useTheme2();
  return () =>
    getFieldDisplayValues({
      fieldConfig: panel.fieldConfig as FieldConfigSource,
      reduceOptions: panel.options.reduceOptions as ReduceDataOptions,
      replaceVariables,
      theme,
      data: [...frames],
      sparkline: false,
      timeZone: 'utc',
    });
}

function Stat(props: Props) {
  const { panel, frames, ...size } = props;
  const theme = useTheme2();
  const { colorMode, textMode, wideLayout } = panel.options;
  const render = ({ value, alignmentFactors, count, width, height }: Repeated) => (
    <BigValue
      width={width}
      height={height}
      value={value.display}
      count={count}
      alignmentFactors={alignmentFactors}
      colorMode={(colorMode ?? 'value') as BigValueColorMode}
      graphMode={BigValueGraphMode.None}
      disableWideLayout={wideLayout === false}
      justifyMode={BigValueJustifyMode.Auto}
      textMode={(textMode ?? 'auto') as BigValueTextMode}
      theme={theme}
    />
  );
  return (
    <VizRepeater
      getValues={useValues(props)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render}
      width={size.width}
      height={size.height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid
      orientation={VizOrientation.Auto}
    />
  );
}

function Bars(props: Props) {
  const { frames, width, height } = props;
  const theme = useTheme2();
  const render = ({ value, alignmentFactors, orientation, ...size }: Repeated) => {
    const display = value.view?.getFieldDisplayProcessor(value.colIndex ?? 0);
    return (
      <BarGauge
        width={size.width}
        height={size.height}
        value={value.display}
        field={value.field}
        {...(display === undefined ? {} : { display })}
        alignmentFactors={alignmentFactors}
        orientation={orientation}
        displayMode={BarGaugeDisplayMode.Basic}
        valueDisplayMode={BarGaugeValueMode.Color}
        namePlacement={BarGaugeNamePlacement.Auto}
        itemSpacing={10}
        showUnfilled
        theme={theme}
      />
    );
  };
  return (
    <VizRepeater
      getValues={useValues(props)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render}
      width={width}
      height={height}
      source={frames}
      itemSpacing={10}
      minVizWidth={8}
      minVizHeight={16}
      maxVizHeight={300}
      renderCounter={0}
      orientation={VizOrientation.Horizontal}
    />
  );
}

function Series({ panel, frames, range, width, height }: Props) {
  const drawn = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.time
        ? field
        : { ...field, config: { ...field.config, custom: { ...graph, ...field.config.custom } } },
    ),
  }));
  return (
    <TimeSeries
      frames={drawn}
      structureRev={1}
      timeRange={range}
      timeZone="utc"
      width={width}
      height={height}
      legend={panel.options.legend as VizLegendOptions}
      options={panel.options}
    />
  );
}

/** What the time series plugin takes where a board says nothing. */
const graph = {
  axisPlacement: 'auto',
  axisBorderShow: false,
  axisColorMode: 'text',
  gradientMode: 'none',
  hideFrom: { legend: false, tooltip: false, viz: false },
  insertNulls: false,
  lineInterpolation: 'linear',
  pointSize: 5,
  scaleDistribution: { type: 'linear' },
  spanNulls: false,
  thresholdsStyle: { mode: 'off' },
};

function Table({ panel, frames, range, width, height }: Props) {
  const [frame] = frames;
  const { noValue } = panel.fieldConfig.defaults;
  if (frame === undefined) return null;
  const fields = frame.fields.map((field) => ({
    ...field,
    config: {
      ...field.config,
      custom: { align: 'auto', cellOptions: { type: 'auto' }, ...field.config.custom },
    },
  }));
  return (
    <TableNG
      data={{ ...frame, fields }}
      width={width}
      height={height}
      timeRange={range}
      sortBy={[...(panel.options.sortBy ?? [])]}
      noHeader={panel.options.showHeader === false}
      fieldConfig={panel.fieldConfig as FieldConfigSource}
      enableVirtualization={false}
      resizable
      showTypeIcons={false}
      transparent
      {...(noValue === undefined ? {} : { noValue })}
    />
  );
}
