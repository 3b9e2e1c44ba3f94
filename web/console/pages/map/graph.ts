// The map as a graph: services and topics, with an edge for each topic that a service publishes or handles.

import type {Group, Health, MapService, MapTopic, SystemMap} from '../../api/types';

export interface ServiceNode {
  kind: 'service';
  id: string;
  service: MapService;
}

export interface TopicNode {
  kind: 'topic';
  id: string;
  topic: MapTopic;
}

export type MapNode = ServiceNode | TopicNode;

export interface MapEdge {
  id: string;
  from: string;
  to: string;
  topic: string;
  handler?: Group; // what reads, where the edge leads to a service
  rate_per_s: number;
  health: Health;
  why: string;
}

export interface MapGraph {
  nodes: MapNode[];
  edges: MapEdge[];
}

export const serviceId = (name: string): string => `service:${name}`;
export const topicId = (name: string): string => `topic:${name}`;
export const groupId = ({topic, group}: {topic: string; group: string}): string => `group:${topic}/${group}`;

// A topic that is only named by a service (nothing was published yet) has a node, too.
export function graphOf(map: SystemMap): MapGraph {
  const topics = new Map(map.topics.map((topic) => [topic.name, topic]));
  for (const service of map.services)
    for (const name of [...service.publishes, ...service.handlers.map(({topic}) => topic)])
      if (!topics.has(name)) topics.set(name, emptyTopic(name));

  const nodes: MapNode[] = [
    ...map.services.map((service): MapNode => ({kind: 'service', id: serviceId(service.name), service})),
    ...[...topics.values()].map((topic): MapNode => ({kind: 'topic', id: topicId(topic.name), topic})),
  ];
  const edges = map.services.flatMap((service) => [
    ...service.publishes.map((name): MapEdge => {
      const topic = topics.get(name)!;
      return {
        id: `${serviceId(service.name)}>${name}`,
        from: serviceId(service.name),
        to: topicId(name),
        topic: name,
        rate_per_s: topic.events_per_s,
        health: 'ok',
        why: '',
      };
    }),
    ...service.handlers.map((handler): MapEdge => ({
      id: `${groupId(handler)}>${service.name}`,
      from: topicId(handler.topic),
      to: serviceId(service.name),
      topic: handler.topic,
      handler,
      rate_per_s: handler.handled_per_s,
      health: handler.health,
      why: handler.why,
    })),
  ]);
  return {nodes, edges};
}

function emptyTopic(name: string): MapTopic {
  return {name, length: 0, events_per_s: 0, groups: [], health: 'ok', why: ''};
}

// Changes exactly when the picture has to be laid out anew.
export function shapeOf({nodes, edges}: MapGraph): string {
  return JSON.stringify([
    nodes.map((node) => (node.kind === 'service' ? [node.id, node.service.endpoints.length] : node.id)),
    edges.map(({id}) => id),
  ]);
}
