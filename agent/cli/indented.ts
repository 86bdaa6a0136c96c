import { wrap } from './format.ts';

const leastWidth = 20;

/** Breaks a text that starts with spaces into lines of at most `width`; later lines stand two further right. */
export function wrapIndented(text: string, width: number): string {
  const margin = /^ */.exec(text)?.[0] ?? '';
  const room = Math.max(leastWidth, width - margin.length - 2);
  const [first = '', ...rest] = wrap(text.trimStart(), room).split('\n');
  return [`${margin}${first}`, ...rest.map((line) => `${margin}  ${line}`)].join('\n');
}
