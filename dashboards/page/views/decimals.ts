/** `0.123000000` without the zeros that say nothing; two decimals at least. */
export function trimmed(decimal: string): string {
  return decimal.replace(/^(-?\d+\.\d{2}\d*?)0+$/, '$1');
}
