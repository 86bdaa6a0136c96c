import type { Instant, Window } from '../../agent/core/time.ts';

/** What stands where nothing is known. */
export const unknown = '–';

const minus = '−';

/** `$1,234.56`, and two digits that say something below a cent; `–` for what is not known. */
export function usd(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return unknown;
  const size = Math.abs(amount);
  return `${amount < 0 && shown(size) !== shown(0) ? minus : ''}$${shown(size)}`;
}

function shown(size: number): string {
  if (size === 0) return '0.00';
  const digits = size < 0.01 ? Math.min(9, 1 - Math.floor(Math.log10(size))) : 2;
  return grouped(size.toFixed(digits));
}

/** `1234567.5` as `1,234,567.5`. A locale's own formatting takes thirty times as long, and a page has a thousand numbers. */
function grouped(decimal: string): string {
  const [whole = '', rest] = decimal.split('.');
  const text = whole.length < 4 ? whole : whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return rest === undefined ? text : `${text}.${rest}`;
}

/** With at most one digit after the point, and no zero there. */
function tenths(size: number): string {
  return grouped(size.toFixed(1).replace(/\.0$/, ''));
}

/** `+$12.00`, `−$0.01`: to the cent, for what stands in a column of its kind. */
export function centsChange(amount: number | null): string {
  return amount === null ? unknown : usdChange(Math.round(amount * 100) / 100);
}

/** The same with its sign: `+$12.00`; no sign where it comes to nothing. */
export function usdChange(amount: number | null | undefined): string {
  const text = usd(amount);
  return amount !== null && amount !== undefined && amount > 0 && text !== usd(0)
    ? `+${text}`
    : text;
}

/** `12.3 M`: three digits that count and a unit; the whole number stands in {@link count}. */
export function short(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return unknown;
  for (const [size, letter] of magnitudes) {
    // As rounded, so that 999,950 is 1.00 M and not 1,000 k.
    if (Math.abs(amount) < size * 0.9995) continue;
    const scaled = amount / size;
    const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(scaled))) + 1e-9));
    return `${signed(scaled.toFixed(digits))} ${letter}`;
  }
  return count(amount);
}

const magnitudes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `1,234,567` */
export function count(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return unknown;
  return signed(grouped(amount.toFixed(0)));
}

/** `1 target`, `3 targets` */
export function many(amount: number, one: string): string {
  return `${count(amount)} ${one}${amount === 1 ? '' : 's'}`;
}

/** `97.2 %`, rounded down: what is not all is never called all. */
export function share(part: number | null | undefined): string {
  if (part === null || part === undefined) return unknown;
  return `${(Math.floor(part * 1_000 + 1e-9) / 10).toFixed(1)} %`;
}

/** `1.03 %` of what should be none: a little is never called nothing. */
export function ratio(part: number | null | undefined): string {
  if (part === null || part === undefined) return unknown;
  if (part > 0 && part < 0.0001) return '< 0.01 %';
  return `${(part * 100).toFixed(2)} %`;
}

/** `+12 %` */
export function percentChange(after: number | null, before: number | null): string {
  if (after === null || before === null || before <= 0) return unknown;
  const percent = (after / before - 1) * 100;
  const size = Math.abs(percent);
  const text = size < 10 ? tenths(size) : grouped(size.toFixed(0));
  if (text === '0') return '0 %';
  return `${percent > 0 ? '+' : minus}${text} %`;
}

/** `857 ms`, `12.3 s` */
export function latency(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknown;
  return ms < 10_000 ? `${grouped(ms.toFixed(0))} ms` : `${grouped((ms / 1_000).toFixed(1))} s`;
}

/** `45 s`, `9 min`, `3 h 12 min`, `4 d 3 h` */
export function duration(length: number | null | undefined): string {
  if (length === null || length === undefined) return unknown;
  if (length < 90) return `${Math.round(length)} s`;
  const minutes = Math.round(length / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `2026-11-23T12:00:00Z` */
export function iso(instant: Instant): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

/** `23 Nov 12:05`, in UTC as all times of the page. */
export function moment(instant: Instant): string {
  return `${day(instant)} ${clockTime(instant)}`;
}

/** `12:05` */
export function clockTime(instant: Instant): string {
  return new Date(instant).toISOString().slice(11, 16);
}

/** `23 Nov` */
export function day(instant: Instant): string {
  const at = new Date(instant);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]}`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `22 Nov 03:00 – 23 Nov 02:41 UTC`; whole days without their midnights, the last one included. */
export function period({ start, end }: Window): string {
  const whole = start % dayMs === 0 && end % dayMs === 0;
  if (!whole) {
    const sameDay = day(start) === day(end) && end - start < dayMs;
    return `${moment(start)} – ${sameDay ? clockTime(end) : moment(end)} UTC`;
  }
  const last = end - dayMs;
  return last === start ? `${day(start)} UTC` : `${day(start)} – ${day(last)} UTC`;
}

/** A moment of a row; null for none. */
export function instantOf(text: string | null): Instant | null {
  return text === null ? null : Date.parse(text);
}

function signed(text: string): string {
  return text.startsWith('-') ? `${minus}${text.slice(1)}` : text;
}

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
