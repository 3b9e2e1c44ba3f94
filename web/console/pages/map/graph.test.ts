import {describe, expect, it} from 'vitest';

import type {Group, MapService, MapTopic, SystemMap} from '../../api/types';
import {graphOf, shapeOf} from './graph';
import {troublesOf} from './troubles';

const topic = (name: string, events_per_s = 0): MapTopic => ({
  name,
  length: 0,
  events_per_s,
  groups: [],
  health: 'ok',
  why: '',
});
const handler = (of: Partial<Group>) => ({handled_per_s: 0, lag: 0, health: 'ok', why: '', ...of}) as Group;
const service = (of: Partial<MapService>): MapService => ({
  name: '',
  about: '',
  port: 0,
  endpoints: [],
  handlers: [],
  publishes: [],
  health: 'ok',
  why: '',
  ...of,
});

const map: SystemMap = {
  services: [
    service({
      name: 'payments',
      publishes: ['order_completed'],
      handlers: [handler({topic: 'order_placed', group: 'charges'})],
    }),
    service({
      name: 'inventory',
      handlers: [handler({topic: 'order_completed', group: 'inventory', health: 'failing', why: '3 dead letters'})],
    }),
  ],
  topics: [topic('order_completed', 12)],
};

describe('the graph of the map', () => {
  it('has an edge for what is published and for what is handled', () => {
    const {edges} = graphOf(map);
    expect(edges.map(({from, to, rate_per_s}) => [from, to, rate_per_s])).toEqual([
      ['service:payments', 'topic:order_completed', 12],
      ['topic:order_placed', 'service:payments', 0],
      ['topic:order_completed', 'service:inventory', 0],
    ]);
  });

  it('shows a topic that is only named so far', () => {
    expect(graphOf(map).nodes.map(({id}) => id)).toContain('topic:order_placed');
  });

  it('keeps its shape while only figures change', () => {
    const busier = {...map, topics: [topic('order_completed', 99)]};
    expect(shapeOf(graphOf(busier))).toBe(shapeOf(graphOf(map)));
    expect(shapeOf(graphOf({...map, services: map.services.slice(1)}))).not.toBe(shapeOf(graphOf(map)));
  });
});

it('what needs a look is named, the failing first', () => {
  const waiting = {...topic('slow'), health: 'waiting' as const, why: 'lag rises'};
  expect(troublesOf({...map, topics: [waiting]}).map(({name, why}) => [name, why])).toEqual([
    ['inventory', '3 dead letters'],
    ['slow', 'lag rises'],
  ]);
});
