// Where an axis that begins at zero has its lines.

const TENS = [1, 2, 2.5, 5, 10];
const TWOS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

export interface Scale {
  base: 10 | 1_024; // of the unit's prefixes: 1 KiB is 1,024 bytes
  smallest?: number; // things that come in whole numbers have no lines between them
}

// Round values from 0 up to the first one that `largest` does not pass: five of them at most.
export function ticksUpTo(largest: number, {base, smallest = 0}: Scale): number[] {
  const least = Math.max(Number.isFinite(largest) ? largest / 4 : 0, smallest, Number.MIN_VALUE);
  if (largest <= 0 && smallest === 0) return [0, 1];
  const unit = base ** Math.floor(Math.log(least) / Math.log(base) + 1e-9);
  const factors = base === 10 ? TENS : TWOS;
  const step = unit * (factors.find((factor) => unit * factor >= least * (1 - 1e-9)) ?? base);
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  return Array.from({length: count + 1}, (_, line) => Number((line * step).toPrecision(12)));
}
