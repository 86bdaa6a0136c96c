/**
 * Writes numbers in English, by a format that is made when the first one is written: what it reads for that is 6 MB of a
 * process, which most agents need for nothing else.
 */
export function englishNumbers(options: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | undefined;
  return (value) => {
    format ??= new Intl.NumberFormat('en-US', options);
    return format.format(value);
  };
}
