// Remembers how far each document has come, so that a late or repeated event changes nothing.

import type {Change, Identified} from './change';

const DOCUMENTS_MAX = 20_000;

export class Memory {
  // In the order of their last change; the longest unchanged are forgotten first.
  private readonly latest = new Map<string, Change<Identified>>();

  constructor(private readonly documentsMax = DOCUMENTS_MAX) {}

  // Whether the change is news: always without a rank, else when its rank is above all seen for this document.
  admit(list: string, change: Change<Identified>): boolean {
    if (change.rank === undefined) return true;
    const key = keyOf(list, change.id);
    const seen = this.latest.get(key)?.rank;
    if (seen !== undefined && change.rank <= seen) return false;
    this.latest.delete(key);
    this.latest.set(key, change);
    if (this.latest.size > this.documentsMax) this.latest.delete(this.latest.keys().next().value!);
    return true;
  }

  latestOf(list: string, id: string): Change<Identified> | undefined {
    return this.latest.get(keyOf(list, id));
  }
}

function keyOf(list: string, id: string): string {
  return `${list}/${id}`;
}
