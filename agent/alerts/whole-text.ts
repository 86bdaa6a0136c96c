import { englishNumbers } from './english-numbers.ts';

const whole = englishNumbers({ maximumFractionDigits: 0 });

/** `12,400`: in whole numbers, in groups of three; what `Intl` says of it, without asking it each time. */
export function wholeText(value: number): string {
  if (!(value >= 0 && value < 1e15)) return whole(value);
  const digits = String(Math.round(value));
  let text = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3) {
    text = `${digits.slice(Math.max(end - 3, 0), end)},${text}`;
  }
  return text;
}
