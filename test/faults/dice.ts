/** Numbers in (0, 1) that a seed decides: Lehmer's generator with the minimal standard's figures. */
export function dice(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = 1 + (Math.abs(Math.trunc(seed)) % (modulus - 1));
  for (let warmUp = 0; warmUp < 8; warmUp += 1) state = (state * 48_271) % modulus;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
