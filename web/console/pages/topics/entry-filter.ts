// What narrows down a topic's entries: as it stands in the address bar, and as the admin API is asked.

import {isTime} from '../../schema/draft';

export interface EntryFilter {
  order?: string; // "oldest"; else the newest come first
  key?: string;
  type?: string;
  from?: string; // times as written: RFC 3339, "2026-01-31 12:00" of here, or how long ago: "15m"
  to?: string;
  text?: string;
}

const AGO = /^(\d+)\s*(s|m|min|h|d)$/;
const UNIT_MS: Record<string, number> = {s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000};
const LOCAL = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/;

export const TIME_HINT = 'As 15m (ago), 2 h, 2026-01-31 12:00 or 2026-01-31T12:00:00Z.';

// As the API wants it; undefined where it is none.
export function timeOf(text: string, now: number): string | undefined {
  const trimmed = text.trim();
  const ago = AGO.exec(trimmed);
  if (ago) return new Date(now - Number(ago[1]) * UNIT_MS[ago[2]!]!).toISOString();
  if (isTime(trimmed)) return new Date(trimmed).toISOString();
  if (!LOCAL.test(trimmed)) return undefined;
  // A date alone would be read as of UTC.
  const local = new Date(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(' ', 'T'));
  return Number.isNaN(local.getTime()) ? undefined : local.toISOString();
}

export type EntryQuery = {[N in 'order' | 'key' | 'type' | 'from' | 'to' | 'text']?: string};

// "15m ago" is a fixed time from now on, so that the pages of one search fit together. A time that is none is left out:
// its field says so.
export function queryOf(filter: EntryFilter, now: number): EntryQuery {
  const time = (text: string | undefined) => (text ? timeOf(text, now) : undefined);
  return {
    order: filter.order === 'oldest' ? 'oldest' : 'newest',
    key: filter.key || undefined,
    type: filter.type || undefined,
    from: time(filter.from),
    to: time(filter.to),
    text: filter.text || undefined,
  };
}

export const isNarrowed = ({key, type, from, to, text}: EntryFilter): boolean =>
  Boolean(key || type || from || to || text);
