// Remembers how far each document has come, so that a late or repeated event changes nothing.

import type {Change, Identified} from './change';

const DOCUMENTS_MAX = 20_000;

type Parts = Map<string, Change<Identified>>;

export class Memory {
  // In the order of their last change; the longest unchanged are forgotten first.
  private readonly documents = new Map<string, Parts>();

  constructor(private readonly documentsMax = DOCUMENTS_MAX) {}

  // Whether the change is news: always without a rank, else when its rank is above all seen for this part.
  admit(list: string, change: Change<Identified>): boolean {
    if (change.rank === undefined) return true;
    const key = keyOf(list, change.id);
    const parts: Parts = this.documents.get(key) ?? new Map();
    const seen = parts.get(change.part)?.rank;
    if (seen !== undefined && change.rank <= seen) return false;
    parts.set(change.part, change);
    this.documents.delete(key);
    this.documents.set(key, parts);
    if (this.documents.size > this.documentsMax) this.documents.delete(this.documents.keys().next().value!);
    return true;
  }

  // The last change of each part.
  latestOf(list: string, id: string): Change<Identified>[] {
    return [...(this.documents.get(keyOf(list, id))?.values() ?? [])];
  }
}

function keyOf(list: string, id: string): string {
  return `${list}/${id}`;
}
