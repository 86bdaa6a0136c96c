import uPlot from 'uplot';

interface ChartData {
  /** Epoch milliseconds, half-open. */
  readonly range: readonly [number, number];
  readonly stepMs: number;
  readonly times: readonly number[];
  readonly layers: readonly {
    readonly name: string;
    readonly slot: number;
    readonly values: readonly (number | null)[];
  }[];
}

export interface Chart {
  destroy(): void;
}

const height = 220;

/** Stacked bars in the place of the drawing; the legend tells the values under the pointer, and a drag chooses a range. */
export function drawChart(element: HTMLElement, data: ChartData): Chart {
  const holder = document.createElement('div');
  holder.className = 'canvas';
  holder.setAttribute('aria-hidden', 'true');
  element.append(holder);
  element.classList.add('enhanced');
  const legend = legendOf(element);
  const plot = new uPlot(optionsOf(element, data, legend), stacked(data), holder);
  const resized = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height });
  });
  resized.observe(element);
  const redraw = () => plot.redraw();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  document.addEventListener('crossbill:theme', redraw);
  return {
    destroy() {
      resized.disconnect();
      dark.removeEventListener('change', redraw);
      document.removeEventListener('crossbill:theme', redraw);
      legend(undefined);
      plot.destroy();
      holder.remove();
    },
  };
}

/** Sums from the bottom up; the highest is drawn first and the others over it. */
function stacked({ times, layers }: ChartData): uPlot.AlignedData {
  const sums = times.map(() => 0);
  const columns = layers.map(({ values }) =>
    values.map((value, index) => {
      if (value === null) return null;
      return (sums[index] = (sums[index] ?? 0) + value);
    }),
  );
  return [times.map((time) => time / 1_000), ...columns.toReversed()];
}

function optionsOf(element: HTMLElement, data: ChartData, legend: Legend): uPlot.Options {
  const [start, end] = data.range;
  const bars = uPlot.paths.bars?.({ size: [0.84, 120], align: 1 });
  const axis = { stroke: () => colour('--muted'), font: '12px system-ui, sans-serif' };
  const lines = { stroke: () => colour('--rule'), width: 1 };
  return {
    width: element.clientWidth,
    height,
    // Right: half of the text of a tick at the very end.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    scales: {
      x: { range: [start / 1_000, end / 1_000] },
      y: { range: (_, __, most) => [0, Math.max(most, 1e-9) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        ticks: { ...lines, size: 4 },
        values: timeTexts(end - start),
      },
      {
        ...axis,
        grid: lines,
        ticks: { show: false },
        size: 64,
        values: (_, values) => values.map((value) => usd(value)),
      },
    ],
    series: [
      {},
      ...data.layers.toReversed().map(({ name, slot }) => ({
        label: name,
        fill: () => colour(`--s${slot}`),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      })),
    ],
    hooks: {
      setCursor: [(plot) => legend(bucketAt(plot, data))],
      setSelect: [(plot) => choose(plot, data)],
    },
  };
}

interface Bucket {
  readonly time: number;
  readonly values: readonly (number | null)[];
}

type Legend = (bucket: Bucket | undefined) => void;

/** Where the pointer is, not which start of a bucket is nearest. */
function bucketAt(plot: uPlot, { times, stepMs, layers }: ChartData): Bucket | undefined {
  const { left } = plot.cursor;
  if (left === undefined || left < 0) return undefined;
  const at = plot.posToVal(left, 'x') * 1_000;
  const index = times.findIndex((time) => at >= time && at < time + stepMs);
  const time = times[index];
  if (time === undefined) return undefined;
  return { time, values: layers.map(({ values }) => values[index] ?? null) };
}

/** Writes the values of a bucket beside the names of the legend. */
function legendOf(element: HTMLElement): Legend {
  const list = element.parentElement?.querySelector('.legend');
  const items = [...(list?.querySelectorAll('li') ?? [])];
  return (bucket) => {
    list?.classList.toggle('pointed', bucket !== undefined);
    for (const [index, item] of items.entries()) {
      const value =
        item.querySelector('.value') ?? item.appendChild(document.createElement('span'));
      value.className = 'value num';
      value.textContent = bucket === undefined ? '' : usd(bucket.values[index] ?? null);
    }
    const at = list?.parentElement?.querySelector('.pointed-at');
    if (at !== null && at !== undefined) {
      at.textContent = bucket === undefined ? '' : `from ${moment(bucket.time)} UTC`;
    }
  };
}

function choose(plot: uPlot, { stepMs }: ChartData): void {
  const { left, width } = plot.select;
  if (width < 8) return;
  const from = Math.floor((plot.posToVal(left, 'x') * 1_000) / stepMs) * stepMs;
  const to = Math.ceil((plot.posToVal(left + width, 'x') * 1_000) / stepMs) * stepMs;
  const url = new URL(location.href);
  url.searchParams.delete('range');
  url.searchParams.delete('step');
  url.searchParams.set('from', new Date(from).toISOString().replace('.000Z', 'Z'));
  url.searchParams.set('to', new Date(to).toISOString().replace('.000Z', 'Z'));
  location.assign(url);
}

function timeTexts(lengthMs: number): (plot: uPlot, values: number[]) => string[] {
  const isLong = lengthMs > 4 * 86_400_000;
  return (_, values) =>
    values.map((value) => {
      const text = moment(value * 1_000);
      if (isLong) return text.slice(0, -6);
      return text.endsWith('00:00') ? text.slice(0, -6) : text.slice(-5);
    });
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `23 Nov 12:05` */
function moment(at: number): string {
  const date = new Date(at);
  const time = date.toISOString().slice(11, 16);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${time}`;
}

function usd(value: number | null): string {
  if (value === null) return '–';
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `$${value.toLocaleString('en-US', options)}`;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
