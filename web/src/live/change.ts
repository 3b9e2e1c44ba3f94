// A change to one document, as an event tells it, and how changes act on what the page shows.

import type {Page} from '../api/types';

export interface Identified {
  id: string;
}

export interface Change<T extends Identified> {
  id: string;
  // Which part of the document it sets. Events of different topics may cross, so each part has ranks of its own.
  part: string;
  // Where events may come late or twice: a number that rises with each state of the part.
  rank?: number;
  // Whether it may bring a document that was not there. What was told of the other parts before then holds for it, too.
  creates?: true;
  // The document after the change, undefined where it is not (or no longer) there. Applying it twice does no harm.
  update(current: T | undefined): T | undefined;
}

// The pages after the changes, in their order. What was not there before stands at the top, newest first; it stays out
// with `insert: false`. Returns the same array when nothing changed.
export function applyChanges<T extends Identified>(
  pages: Page<T>[],
  changes: readonly Change<T>[],
  {insert = true} = {},
): Page<T>[] {
  const documents = new Map<string, T | undefined>();
  for (const page of pages) for (const item of page.items) documents.set(item.id, item);
  const shown = new Set(documents.keys());

  let changed = false;
  for (const {id, update} of changes) {
    if (!insert && !shown.has(id)) continue;
    const before = documents.get(id);
    const after = update(before);
    if (after === before) continue;
    documents.set(id, after);
    changed = true;
  }
  if (!changed) return pages;

  const next = pages.map((page) => ({...page, items: page.items.flatMap((item) => documents.get(item.id) ?? [])}));
  const added = [...documents].flatMap(([id, document]) => (document && !shown.has(id) ? [document] : [])).reverse();
  if (next[0]) next[0].items.unshift(...added);
  return next;
}
