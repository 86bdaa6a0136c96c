/** A well-mixed unsigned 32-bit number of two integers; the same two give the same number on every machine. */
function hash(a: number, b: number): number {
  let h = Math.imul(a | 0, 0x9e37_79b1) ^ Math.imul((b | 0) + 0x7f4a_7c15, 0x85eb_ca6b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x21f0_aaad);
  h ^= h >>> 15;
  h = Math.imul(h, 0x735a_2d97);
  h ^= h >>> 15;
  return h >>> 0;
}

/** The same as a fraction in `[0, 1)`. */
export function fraction(a: number, b: number): number {
  return hash(a, b) / 0x1_0000_0000;
}

/** A number of a text (FNV-1a), to salt the two above with a name. */
export function hashText(text: string): number {
  let h = 0x811c_9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x0100_0193);
  return h >>> 0;
}
