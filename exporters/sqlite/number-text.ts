import { InexactError } from './amounts.ts';

const comma = 44;
const minus = 45;
const zero = 48;

/**
 * Reads whole numbers in decimal with commas between them, as `group_concat` puts them together; nothing between two is NaN.
 * Returns how many there are. One that a double does not hold exactly makes it throw an InexactError.
 * @param into with room for all of them
 */
export function readNumbers(text: Uint8Array, into: Float64Array): number {
  let count = 0;
  let value = Number.NaN;
  let sign = 1;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] as number;
    if (byte === comma) {
      into[count] = exact(value * sign);
      count += 1;
      value = Number.NaN;
      sign = 1;
    } else if (byte === minus) sign = -1;
    // Only NaN is not itself: this is the first digit.
    else value = (value === value ? value * 10 : 0) + (byte - zero);
  }
  into[count] = exact(value * sign);
  return count + 1;
}

function exact(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) throw new InexactError();
  return value;
}
