import {BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps} from '@xyflow/react';

import {duration, perSecond, shortNumber} from '../../format';
import type {MapEdge} from './graph';
import classes from './map.module.css';

// `laneY`: where an edge that leads back runs, below all nodes.
export type MapFlowEdge = Edge<{edge: MapEdge; laneY?: number}, 'map'>;

const SIDE = 24; // how far a lane's ends keep from the nodes
const CORNER = 10;
const LANE_LABEL = 24; // from the node that a lane leads to

export function MapEdgeLine(props: EdgeProps<MapFlowEdge>) {
  const {id, sourceX, sourceY, targetX, targetY, data} = props;
  if (!data) return null;
  const {edge, laneY} = data;
  const path = laneY === undefined ? getBezierPath(props)[0] : lanePath(sourceX, sourceY, targetX, targetY, laneY);
  const label = labelOf(edge);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={classes.edge}
        data-health={edge.health}
        style={{strokeWidth: widthOf(edge)}}
      />
      {label && (
        <EdgeLabelRenderer>
          <div
            className={classes.label}
            data-health={edge.health}
            style={{
              transform:
                laneY === undefined
                  ? `translate(-100%, -50%) translate(${targetX - 12}px, ${targetY}px)`
                  : `translate(0, -50%) translate(${targetX + LANE_LABEL}px, ${laneY}px)`,
            }}
          >
            {label}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

// What a handler does with its topic; nothing where nothing happens.
function labelOf({handler, rate_per_s}: MapEdge): string {
  if (!handler) return '';
  if (handler.paused) return `paused · lag ${shortNumber(handler.lag)}`;
  const parts: string[] = [];
  if (rate_per_s > 0) parts.push(perSecond(rate_per_s), duration(handler.p99_ms));
  if (handler.lag > 0) parts.push(`lag ${shortNumber(handler.lag)}`);
  if (handler.dead_letters > 0) parts.push(`${shortNumber(handler.dead_letters)} dead`);
  return parts.join(' · ');
}

// From 1 px for a quiet edge to 4 px for a thousand a second.
function widthOf({rate_per_s}: MapEdge): number {
  return 1 + Math.min(3, Math.log10(1 + rate_per_s));
}

function lanePath(fromX: number, fromY: number, toX: number, toY: number, laneY: number): string {
  const [right, left, r] = [fromX + SIDE, toX - SIDE, CORNER];
  return [
    `M ${fromX} ${fromY} L ${right - r} ${fromY} Q ${right} ${fromY} ${right} ${fromY + r}`,
    `L ${right} ${laneY - r} Q ${right} ${laneY} ${right - r} ${laneY}`,
    `L ${left + r} ${laneY} Q ${left} ${laneY} ${left} ${laneY - r}`,
    `L ${left} ${toY + r} Q ${left} ${toY} ${left + r} ${toY} L ${toX} ${toY}`,
  ].join(' ');
}
