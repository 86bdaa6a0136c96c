/** The largest request that is sent. */
const mostBytes = 256 * 1_024;

/**
 * The body with as many of the first `count` things as fit into the bytes: fewer of them must never make it longer. One
 * is taken even where it does not fit, since its texts are cut already.
 */
export function fitting(
  count: number,
  bodyOf: (count: number) => string,
  bytes = mostBytes,
): { readonly body: string; readonly taken: number } {
  const fits = (body: string) => Buffer.byteLength(body) <= bytes;
  const whole = bodyOf(count);
  if (fits(whole)) return { body: whole, taken: count };
  let least = Math.min(1, count);
  let most = count - 1;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(bodyOf(middle))) least = middle;
    else most = middle - 1;
  }
  return { body: bodyOf(least), taken: least };
}
