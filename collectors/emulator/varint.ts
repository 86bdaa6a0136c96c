/** Unsigned whole numbers as LEB128: seven bits a byte, least first, the high bit set on all but the last. */
export function encodeVarints(values: Iterable<number>): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    while (rest > 0x7f) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** What `encodeVarints` was given. */
export function decodeVarints(bytes: Uint8Array): readonly number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      values.push(value);
      value = 0;
      scale = 1;
    } else {
      scale *= 0x80;
    }
  }
  return values;
}
