// Where the nodes of a directed graph stand: in columns, so that edges lead to the right as far as cycles allow.
//
// The steps are Sugiyama's: edges that close a cycle are set aside, each node stands one column right of what leads to
// it, columns are ordered so that edges cross little, and nodes move towards their neighbours. The same graph gives the
// same picture, whatever the order of its nodes and edges.

export interface Size {
  id: string;
  width: number;
  height: number;
}

export interface Link {
  from: string;
  to: string;
  port?: number; // where it arrives, from the middle of `to`; 0 unless told
}

export interface Place {
  x: number;
  y: number;
}

export interface Layout {
  places: Map<string, Place>; // of the left upper corners
  backward: Set<Link>; // the edges that close a cycle, as they were given
  width: number;
  height: number;
}

const COLUMN_GAP = 120; // room for what stands on an edge
const ROW_GAP = 24;
const SWEEPS = 12;
const PORT_RANK = 1e-5; // ports decide between nodes that stand alike otherwise

export function layOut(sizes: readonly Size[], links: readonly Link[]): Layout {
  const nodes = [...sizes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const order = nearlyTopological(
    nodes.map(({id}) => id),
    links,
  );
  const backward = new Set(links.filter(({from, to}) => order.get(from)! >= order.get(to)!));
  const forward = links.filter((link) => !backward.has(link));
  const columns = orderWithin(columnsOf(nodes, forward, order), forward);
  return place(columns, forward, backward);
}

// A position for each node such that few links lead back: what has most ways out over ways in comes first, again and
// again among those that are left (Eades, Lin and Smyth's heuristic).
function nearlyTopological(ids: readonly string[], links: readonly Link[]): Map<string, number> {
  const left = new Set(ids);
  const head: string[] = [];
  const tail: string[] = [];
  while (left.size > 0) {
    const open = links.filter(({from, to}) => from !== to && left.has(from) && left.has(to));
    const out = countBy(open.map(({from}) => from));
    const into = countBy(open.map(({to}) => to));
    const all = [...left];
    const sink = all.find((id) => !out.has(id) && into.has(id));
    const source = all.find((id) => !into.has(id));
    const best = () => all.reduce((a, b) => (surplus(b) > surplus(a) ? b : a));
    const surplus = (id: string) => (out.get(id) ?? 0) - (into.get(id) ?? 0);
    const next = sink ?? source ?? best();
    left.delete(next);
    if (next === sink) tail.unshift(next);
    else head.push(next);
  }
  return new Map([...head, ...tail].map((id, position) => [id, position]));
}

function countBy(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function columnsOf(nodes: readonly Size[], forward: readonly Link[], order: Map<string, number>): Size[][] {
  const column = new Map<string, number>();
  const columns: Size[][] = [];
  for (const node of [...nodes].sort((a, b) => order.get(a.id)! - order.get(b.id)!)) {
    const before = forward.filter(({to}) => to === node.id).map(({from}) => column.get(from)!);
    const own = before.length > 0 ? Math.max(...before) + 1 : 0;
    column.set(node.id, own);
    (columns[own] ??= []).push(node);
  }
  return columns;
}

// Sorts each column by where its neighbours stand in the others, from left to right and back.
function orderWithin(columns: Size[][], links: readonly Link[]): Size[][] {
  const neighbours = neighboursOf(links);
  const rank = new Map<string, number>();
  const number = (column: Size[]) => column.forEach(({id}, index) => rank.set(id, (index + 0.5) / column.length));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    for (const column of sweep % 2 === 0 ? columns : [...columns].reverse()) {
      const wishOf = (id: string) =>
        mean((neighbours.get(id) ?? []).map((n) => rank.get(n.id)! + n.offset * PORT_RANK));
      const wish = new Map(column.map(({id}) => [id, wishOf(id) ?? rank.get(id)!]));
      column.sort((a, b) => wish.get(a.id)! - wish.get(b.id)! || (a.id < b.id ? -1 : 1));
      number(column);
    }
  }
  return columns;
}

function place(columns: readonly Size[][], links: readonly Link[], backward: Set<Link>): Layout {
  const neighbours = neighboursOf(links);
  const middle = new Map<string, number>();
  const stack = (column: readonly Size[], wishes: readonly number[]) => {
    spread(column, wishes).forEach((y, index) => middle.set(column[index]!.id, y));
  };
  const wishOf = (id: string) => mean((neighbours.get(id) ?? []).map((n) => middle.get(n.id)! + n.offset));
  for (const column of columns)
    stack(
      column,
      column.map(() => 0),
    );
  for (let sweep = 0; sweep < SWEEPS; ++sweep)
    for (const column of sweep % 2 === 0 ? columns : [...columns].reverse())
      stack(
        column,
        column.map(({id}) => wishOf(id) ?? middle.get(id)!),
      );

  const top = Math.min(...columns.flat().map(({id, height}) => middle.get(id)! - height / 2));
  const places = new Map<string, Place>();
  let x = 0;
  for (const column of columns) {
    const width = Math.max(...column.map((node) => node.width));
    for (const node of column)
      places.set(node.id, {
        x: x + (width - node.width) / 2,
        y: Math.round(middle.get(node.id)! - node.height / 2 - top),
      });
    x += width + COLUMN_GAP;
  }
  const height = Math.max(0, ...columns.flat().map((node) => places.get(node.id)!.y + node.height));
  return {places, backward, width: Math.max(0, x - COLUMN_GAP), height};
}

// The middles of a column's nodes: in their order, apart, and as near to their wishes as that allows. Nodes that would
// overlap are merged into blocks that stand at the mean of their wishes.
function spread(column: readonly Size[], wishes: readonly number[]): number[] {
  interface Block {
    first: number;
    shift: number; // of the first node's middle
    count: number;
  }
  const offsets: number[] = []; // of each node's middle from the first's, were they one block
  column.forEach(({height}, i) =>
    offsets.push(i === 0 ? 0 : offsets[i - 1]! + column[i - 1]!.height / 2 + ROW_GAP + height / 2),
  );
  const blocks: Block[] = [];
  wishes.forEach((wish, i) => {
    let block: Block = {first: i, shift: wish - offsets[i]!, count: 1};
    for (let before = blocks.at(-1); before && before.shift > block.shift; before = blocks.at(-1)) {
      blocks.pop();
      const count = before.count + block.count;
      block = {first: before.first, shift: (before.shift * before.count + block.shift * block.count) / count, count};
    }
    blocks.push(block);
  });
  return blocks.flatMap(({first, shift, count}) => offsets.slice(first, first + count).map((offset) => offset + shift));
}

interface Neighbour {
  id: string;
  offset: number; // by how much lower than its middle the link calls for
}

function neighboursOf(links: readonly Link[]): Map<string, Neighbour[]> {
  const neighbours = new Map<string, Neighbour[]>();
  const note = (of: string, other: Neighbour) => neighbours.set(of, [...(neighbours.get(of) ?? []), other]);
  for (const {from, to, port = 0} of [...links].sort((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1))) {
    note(from, {id: to, offset: port});
    note(to, {id: from, offset: -port});
  }
  return neighbours;
}

function mean(values: readonly number[]): number | undefined {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}
