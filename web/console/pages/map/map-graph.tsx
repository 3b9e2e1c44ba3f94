// The map as a picture. What stands where is settled anew only when something comes or goes; figures change in place.

import '@xyflow/react/dist/style.css';

import {useComputedColorScheme} from '@mantine/core';
import {Background, Controls, ReactFlow, useReactFlow, useStore, type NodeChange} from '@xyflow/react';
import {useEffect, useMemo} from 'react';

import type {SystemMap} from '../../api/types';
import {graphOf, groupId, shapeOf, type MapGraph as Graph} from './graph';
import {layOut, type Layout} from './layout';
import {MapEdgeLine, type MapFlowEdge} from './map-edge';
import {describeNode, ServiceCard, TopicPill, type ServiceFlowNode, type TopicFlowNode} from './map-nodes';
import classes from './map.module.css';
import {linksOf, sizeOf} from './node-size';

interface MapGraphProps {
  map: SystemMap;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

type FlowNode = ServiceFlowNode | TopicFlowNode;

const NODE_TYPES = {service: ServiceCard, topic: TopicPill};
const EDGE_TYPES = {map: MapEdgeLine};
// Room at the sides for the edges that lead back, and for what stands on them.
const FIT = {padding: {top: '24px', bottom: '56px', left: '48px', right: '36px'}, minZoom: 0.45, maxZoom: 1} as const;
const LANE_FIRST = 28; // below the lowest node
const LANE_GAP = 16;

export function MapGraph({map, selected, onSelect}: MapGraphProps) {
  const graph = graphOf(map);
  const shape = shapeOf(graph);
  // The shape says all that the layout depends on.
  const layout = useMemo(() => layOut(graph.nodes.map(sizeOf), linksOf(graph)), [shape]);
  const colorMode = useComputedColorScheme('light', {getInitialValueInEffect: false});

  const onNodesChange = (changes: NodeChange<FlowNode>[]) => {
    for (const change of changes) if (change.type === 'select' && change.selected) onSelect(change.id);
  };

  return (
    <div className={classes.canvas}>
      <ReactFlow<FlowNode, MapFlowEdge>
        nodes={flowNodes(graph, layout, selected, onSelect)}
        edges={flowEdges(graph, layout)}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        colorMode={colorMode}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        zoomOnScroll={false}
        panOnScroll
        fitViewOptions={FIT}
        minZoom={0.15}
        maxZoom={1.5}
        deleteKeyCode={null}
        aria-label="Services and topics. Tab goes from one to the next, Enter opens it."
      >
        <Background gap={24} size={1} />
        <Controls showInteractive={false} />
        <Fit shape={shape} />
      </ReactFlow>
    </div>
  );
}

// Shows all of it again when there is more or less room, or something else to show.
function Fit({shape}: {shape: string}) {
  const {fitView} = useReactFlow();
  const width = useStore((state) => state.width);
  useEffect(() => void fitView(FIT), [fitView, width, shape]);
  return null;
}

function flowNodes(
  {nodes}: Graph,
  layout: Layout,
  selected: string | undefined,
  onSelect: (id: string) => void,
): FlowNode[] {
  return nodes.map((node) => {
    const {width, height} = sizeOf(node);
    const frame = {
      id: node.id,
      position: layout.places.get(node.id) ?? {x: 0, y: 0},
      width,
      height,
      selected: node.id === selected,
      ariaLabel: describeNode(node),
    };
    return node.kind === 'service'
      ? {...frame, type: 'service', data: {node, selected, onSelect}}
      : {...frame, type: 'topic', data: {node}};
  });
}

// The layout holds the edges that it was made from; those of now are told apart by what they join.
function flowEdges({edges}: Graph, layout: Layout): MapFlowEdge[] {
  const backward = new Set([...layout.backward].map(({from, to}) => `${from}>${to}`));
  let lanes = 0;
  return edges.map((edge) => ({
    id: edge.id,
    type: 'map',
    source: edge.from,
    target: edge.to,
    targetHandle: edge.handler ? groupId(edge.handler) : undefined,
    data: {
      edge,
      laneY: backward.has(`${edge.from}>${edge.to}`) ? layout.height + LANE_FIRST + LANE_GAP * lanes++ : undefined,
    },
  }));
}
