// What on the map needs a look, the worst first.

import type {Health, SystemMap} from '../../api/types';
import {groupId, serviceId, topicId} from './graph';

export interface Trouble {
  id: string; // what to select
  name: string;
  of: string;
  health: Health;
  why: string;
}

// A service that is unwell because of its handlers or endpoints is named by these.
export function troublesOf({services, topics}: SystemMap): Trouble[] {
  const all: Trouble[] = services.flatMap((service) => {
    const parts = [
      ...service.handlers.map((handler) => ({
        id: groupId(handler),
        name: handler.group,
        of: `reads ${handler.topic}`,
        health: handler.health,
        why: handler.why,
      })),
      ...service.endpoints.map(({method, path, health, why}) => ({
        id: serviceId(service.name),
        name: `${method} ${path}`,
        of: service.name,
        health,
        why,
      })),
    ].filter(isUnwell);
    if (parts.length > 0) return parts;
    return [{id: serviceId(service.name), name: service.name, of: 'service', health: service.health, why: service.why}];
  });
  for (const {name, health, why} of topics) all.push({id: topicId(name), name, of: 'topic', health, why});
  const unwell = all.filter(isUnwell);
  return [...unwell.filter(({health}) => health === 'failing'), ...unwell.filter(({health}) => health === 'waiting')];
}

const isUnwell = ({health}: {health: Health}): boolean => health === 'waiting' || health === 'failing';
