// Where two JSON values differ, member by member.

export interface Difference {
  path: string; // "address.street", "items[2]", "" for the whole value
  before: string | undefined; // as JSON; undefined: it was not there
  after: string | undefined;
  changed: boolean;
}

// Every leaf of both, in the order of `before` with what is new at its end. `null` and `undefined` as a whole value
// mean that there is none: a document before it was made, or after it was deleted.
export function differences(before: unknown, after: unknown): Difference[] {
  const left = leaves(before);
  const right = leaves(after);
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].map((path) => {
    const [old, young] = [left.get(path), right.get(path)];
    return {path, before: old, after: young, changed: old !== young};
  });
}

function leaves(value: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (value !== null && value !== undefined) collect(value, '', found);
  return found;
}

function collect(value: unknown, path: string, found: Map<string, string>): void {
  if (Array.isArray(value) && value.length > 0) {
    value.forEach((item, index) => collect(item, `${path}[${index}]`, found));
    return;
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const members = Object.entries(value);
    if (members.length > 0) {
      for (const [name, member] of members) collect(member, path ? `${path}.${name}` : name, found);
      return;
    }
  }
  found.set(path, JSON.stringify(value));
}
