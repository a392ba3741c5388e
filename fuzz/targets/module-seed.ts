// The numbers that campaigns count by, and the seeds made of them.

/** The seed of a campaign's module with a number: any two differ in all bits about equally. */
export function moduleSeed(seed: number, number: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  return x >>> 0;
}
