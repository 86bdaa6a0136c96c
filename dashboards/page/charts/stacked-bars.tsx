import type { Window } from '../../../agent/core/time.ts';
import { clockTime, dayMs, day, hourMs, moment, usd } from '../format.ts';
import { roundUp } from './stack.ts';
import type { Stack } from './stack.ts';

/** As far apart as bars stand, of the room of one. */
const gap = 0.18;

/** Dollars by bucket. A script may make it one that answers the pointer; the same figures stand in the table below it. */
export function StackedBars(props: {
  readonly stack: Stack;
  readonly range: Window;
  readonly stepMs: number;
  readonly says: string;
}) {
  const { stack, range, stepMs, says } = props;
  const top = roundUp(stack.most);
  const wide = range.end - range.start;
  const left = (at: number) => ((Math.max(at, range.start) - range.start) / wide) * 1_000;
  const data = {
    range: [range.start, range.end],
    times: stack.times,
    stepMs,
    layers: stack.layers.map(({ name, slot, values }) => ({ name, slot, values })),
  };
  return (
    <div class="chart" data-chart={JSON.stringify(data)}>
      <div class="y-axis" aria-hidden="true">
        {[top, top / 2, 0].map((value) => (
          <span>{usd(value)}</span>
        ))}
      </div>
      <div class="plot">
        <svg viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label={says}>
          {[0, 100, 200].map((y) => (
            <line class="grid" x1="0" x2="1000" y1={String(y)} y2={String(y)} />
          ))}
          {stack.times.map((time, index) => {
            const from = left(time);
            const to = left(Math.min(time + stepMs, range.end));
            return bar(stack, index, top, from, Math.max(0.5, (to - from) * (1 - gap)));
          })}
        </svg>
      </div>
      <div class="x-axis" aria-hidden="true">
        {ticksOf(range).map((at) => (
          <span>{tickText(at, wide)}</span>
        ))}
      </div>
    </div>
  );
}

function bar(stack: Stack, index: number, top: number, x: number, width: number) {
  let base = 200;
  return stack.layers.map(({ slot, values }) => {
    const value = values[index] ?? 0;
    const height = (value / top) * 200;
    if (height <= 0) return null;
    base -= height;
    return (
      <rect
        class={`s${slot}`}
        x={x.toFixed(1)}
        y={base.toFixed(2)}
        width={width.toFixed(1)}
        height={height.toFixed(2)}
      />
    );
  });
}

/** Both ends, and evenly what is between. */
function ticksOf({ start, end }: Window): readonly number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => start + (end - start) * part);
}

function tickText(at: number, wide: number): string {
  if (wide <= 30 * hourMs) return clockTime(at);
  return wide <= 4 * dayMs ? moment(at) : day(at);
}
