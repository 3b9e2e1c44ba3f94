import type {Topic} from '../../api/types';
import {bytes, duration, exactNumber} from '../../format';

// What is kept, in words: "1,000 events, 7 d".
export function retentionText(retention: Topic['retention']): string {
  const {max_length, max_age_ms, max_bytes, drop_unacknowledged} = retention ?? {};
  const limits = [
    max_length ? `${exactNumber(max_length)} events` : undefined,
    max_age_ms ? duration(max_age_ms) : undefined,
    max_bytes ? bytes(max_bytes) : undefined,
  ].filter(Boolean);
  if (limits.length === 0) return 'everything';
  return limits.join(', ') + (drop_unacknowledged ? ', acknowledged or not' : '');
}

export const KIND_WORDS: Record<Topic['kind'], string> = {
  events: 'Events',
  dead_letters: 'Dead letters',
  redrive: 'To be redriven',
  inbox: 'Inbox',
};
