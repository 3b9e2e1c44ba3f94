import {describe, expect, it} from 'vitest';

import {layOut, type Layout, type Link, type Size} from './layout';

const node = (id: string, height = 40): Size => ({id, width: 100, height});
const link = (text: string): Link => {
  const [from, to] = text.split('>');
  return {from: from!, to: to!};
};
const xOf = (layout: Layout, id: string) => layout.places.get(id)!.x;

// A generator of the same numbers for the same seed (mulberry32).
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomGraph(seed: number) {
  const next = random(seed);
  const nodes = Array.from({length: 2 + Math.floor(next() * 14)}, (_, i) =>
    node(`n${i}`, 20 + Math.floor(next() * 200)),
  );
  const pick = () => nodes[Math.floor(next() * nodes.length)]!.id;
  const links = Array.from({length: Math.floor(next() * 25)}, () => ({from: pick(), to: pick()}));
  return {nodes, links, next};
}

describe('the layout', () => {
  it('leads a chain from left to right', () => {
    const layout = layOut(
      ['c', 'a', 'b'].map((id) => node(id)),
      [link('b>c'), link('a>b')],
    );
    expect(xOf(layout, 'a')).toBeLessThan(xOf(layout, 'b'));
    expect(xOf(layout, 'b')).toBeLessThan(xOf(layout, 'c'));
    expect(layout.backward.size).toBe(0);
  });

  it('sets aside one edge of a cycle, and an edge to itself', () => {
    const links = [link('a>b'), link('b>a'), link('b>b')];
    expect(layOut([node('a'), node('b')], links).backward.size).toBe(2);
  });

  it('puts a lone chain side by side at one height', () => {
    const {places} = layOut([node('a', 40), node('b', 100)], [link('a>b')]);
    expect(places.get('a')!.y + 20).toBe(places.get('b')!.y + 50);
  });

  it('is empty for an empty graph', () => {
    expect(layOut([], [])).toMatchObject({width: 0, height: 0});
  });

  const seeds = Array.from({length: 200}, (_, seed) => seed);

  it.each(seeds)('lets no nodes overlap, and leads every other edge to the right (seed %i)', (seed) => {
    const {nodes, links} = randomGraph(seed);
    const {places, backward, width, height} = layOut(nodes, links);
    for (const a of nodes) {
      const at = places.get(a.id)!;
      expect(at.x).toBeGreaterThanOrEqual(0);
      expect(at.y).toBeGreaterThanOrEqual(0);
      expect(at.x + a.width).toBeLessThanOrEqual(width);
      expect(at.y + a.height).toBeLessThanOrEqual(height);
      for (const b of nodes) {
        if (a.id >= b.id || places.get(b.id)!.x !== at.x) continue;
        const other = places.get(b.id)!;
        expect(at.y + a.height <= other.y || other.y + b.height <= at.y).toBe(true);
      }
    }
    for (const edge of links)
      if (!backward.has(edge)) expect(places.get(edge.from)!.x).toBeLessThan(places.get(edge.to)!.x);
  });

  it.each(seeds.slice(0, 50))('does not depend on the order of what it is given (seed %i)', (seed) => {
    const {nodes, links, next} = randomGraph(seed);
    const shuffled = <T>(items: T[]) =>
      items
        .map((item) => ({item, key: next()}))
        .sort((a, b) => a.key - b.key)
        .map(({item}) => item);
    expect(layOut(shuffled(nodes), shuffled(links)).places).toEqual(layOut(nodes, links).places);
  });
});
