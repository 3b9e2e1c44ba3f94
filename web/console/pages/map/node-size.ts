// How large the map's nodes are drawn, so that they can be laid out before they are.

import type {Link, Size} from './layout';
import type {MapGraph, MapNode} from './graph';

export const SERVICE_WIDTH = 244;
export const TOPIC_WIDTH = 152;
export const TOPIC_HEIGHT = 46;
export const HEAD_HEIGHT = 36;
export const ROW_HEIGHT = 22;
const FOOT_HEIGHT = 8;

export function sizeOf(node: MapNode): Size {
  if (node.kind === 'topic') return {id: node.id, width: TOPIC_WIDTH, height: TOPIC_HEIGHT};
  const rows = node.service.endpoints.length + node.service.handlers.length;
  return {id: node.id, width: SERVICE_WIDTH, height: HEAD_HEIGHT + rows * ROW_HEIGHT + (rows > 0 ? FOOT_HEIGHT : 0)};
}

// Where a handler's row has its middle, from the node's upper edge.
export function handlerMiddle(endpoints: number, handler: number): number {
  return HEAD_HEIGHT + (endpoints + handler + 0.5) * ROW_HEIGHT;
}

// The graph's edges, each with where it arrives: at its handler's row.
export function linksOf({nodes, edges}: MapGraph): Link[] {
  const services = new Map(nodes.flatMap((node) => (node.kind === 'service' ? [[node.id, node] as const] : [])));
  return edges.map(({from, to, handler}) => {
    const node = handler && services.get(to);
    if (!node) return {from, to};
    const row = node.service.handlers.indexOf(handler);
    return {from, to, port: handlerMiddle(node.service.endpoints.length, row) - sizeOf(node).height / 2};
  });
}
