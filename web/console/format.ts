// Numbers, spans and moments as text: short, and the same everywhere.

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
const NONE = '–';

const COMPACT_FROM = 100_000;

export const exactNumber = (value: number): string => whole.format(value);

// 12,345; from 100,000 on 123.4K.
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return Math.abs(value) >= COMPACT_FROM ? compact.format(value) : whole.format(Math.round(value * 10) / 10);
}

// 0/s, 0.3/s, 12/s, 1.2K/s.
export function perSecond(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const text =
    value >= 10_000
      ? compact.format(value)
      : whole.format(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
  return `${text}/s`;
}

// 0.42 ms, 12 ms, 1.5 s, 3 min 20 s, 2 h 5 min, 3 d 4 h: two parts at most.
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 9.95) return `${trim(ms, ms < 0.995 ? 2 : 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trim(ms / 1_000, ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return parts(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return parts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const parts = (big: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smallUnit}`;

const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  let amount = value;
  let unit = 0;
  while (amount >= 1_024 && unit < BYTE_UNITS.length - 1) {
    amount /= 1_024;
    ++unit;
  }
  return `${unit === 0 ? amount : trim(amount, amount < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

const CLOCK_PLAY_MS = 2_000; // what has just happened may lie ahead of a clock that ticks once a second

// "just now", "12 s ago", "in 3 min".
export function relative(at: number, now: number): string {
  const distance = now - at;
  const size = Math.abs(distance);
  if (distance > -CLOCK_PLAY_MS && distance < 1_000) return 'just now';
  const text = coarse(size);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

function coarse(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const full = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

export const exactTime = (at: Date): string => full.format(at);
export const clockTime = (at: Date): string => clock.format(at);

// "1 event", "2 events".
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${shortNumber(count)} ${count === 1 ? one : many}`;
