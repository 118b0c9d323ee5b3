// What is told: a line for each thing that happened, and a stop at the first that is not as promised.
//
// Never goes on after a broken promise: what followed would be told under a false premise.

const started = performance.now();

/** How long anything may take that is waited for. */
export const DEADLINE_MS = 20_000;

/** A promise of the product that did not hold. */
export class Broken extends Error {}

export function head(text) {
  console.log(`\n${text}\n${'     ms'}  ${'who'.padEnd(24)}  ${'on'.padEnd(4)}  what`);
}

/** What has just happened, or did at another moment; `where` is a server, or nothing. */
export function row(who, where, what, at = performance.now()) {
  const time = (at - started).toFixed(0).padStart(7);
  console.log(`${time}  ${who.padEnd(24)}  ${(where?.name ?? '').padEnd(4)}  ${what}`);
}

/** Several rows in the order of their times: `[who, where, what, at]`. */
export function rows(several) {
  for (const one of several.toSorted((a, b) => a[3] - b[3])) row(...one);
}

/** A promise that holds, or the end of the run. */
export function promise(holds, text, seen) {
  if (!holds) throw new Broken(`${text}\n  but: ${JSON.stringify(seen, null, 2)}`);
  row('  kept', undefined, text);
}

export function must(holds, text, seen) {
  if (!holds) throw new Broken(`${text}\n  but: ${JSON.stringify(seen, null, 2)}`);
}

export const ms = (time) => `${time.toFixed(1)} ms`;

/** When something was heard, seen from an answer: the news may well be faster. */
export const since = (time) => `${ms(Math.abs(time))} ${time < 0 ? 'before' : 'after'} the answer`;

/** Waits until `look` gives something; asks again every few milliseconds. */
export async function until(look, what) {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Broken(`${what} did not come within ${DEADLINE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Least, middle, and what 99 of 100 stay under (of few values: the largest). */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  const cells = [sorted[0], at(0.5), at(0.99)].map((value) => value.toFixed(1).padStart(7));
  return `min ${cells[0]}   median ${cells[1]}   p99 ${cells[2]}   (ms, of ${sorted.length})`;
}
