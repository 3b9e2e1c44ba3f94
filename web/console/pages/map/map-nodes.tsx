import {Handle, Position, type Node, type NodeProps} from '@xyflow/react';

import {HEALTH_WORDS, StatusDot} from '../../components/health';
import {duration, perSecond, shortNumber} from '../../format';
import {groupId, type ServiceNode, type TopicNode} from './graph';
import classes from './map.module.css';
import {handlerMiddle, sizeOf} from './node-size';

interface ServiceData extends Record<string, unknown> {
  node: ServiceNode;
  selected: string | undefined; // may be one of its handlers
  onSelect: (id: string) => void;
}

export type ServiceFlowNode = Node<ServiceData, 'service'>;
export type TopicFlowNode = Node<{node: TopicNode}, 'topic'>;

export function ServiceCard({data, selected}: NodeProps<ServiceFlowNode>) {
  const {service} = data.node;
  const {width, height} = sizeOf(data.node);
  return (
    <div
      className={classes.service}
      style={{width, height}}
      data-health={service.health}
      data-selected={selected || undefined}
    >
      <div className={classes.head}>
        <StatusDot health={service.health} />
        <strong>{service.name}</strong>
        <span className={classes.port}>:{service.port}</span>
      </div>
      {service.endpoints.map(({method, path, requests_per_s, errors_per_s, p99_ms}) => (
        <div key={`${method} ${path}`} className={classes.line} data-idle={requests_per_s === 0 || undefined}>
          <span className={classes.what}>
            <span className={classes.method}>{method}</span> {path}
          </span>
          <span className={classes.figure}>
            {errors_per_s > 0 && <span className={classes.bad}>{perSecond(errors_per_s)} failed · </span>}
            {requests_per_s > 0 ? `${perSecond(requests_per_s)} · ${duration(p99_ms)}` : 'idle'}
          </span>
        </div>
      ))}
      {service.handlers.map((handler, index) => (
        <button
          type="button"
          key={groupId(handler)}
          className={`${classes.line} ${classes.handler} nodrag nopan`}
          onClick={(event) => {
            event.stopPropagation(); // or the service would be selected
            data.onSelect(groupId(handler));
          }}
          data-health={handler.health}
          data-idle={(handler.handled_per_s === 0 && handler.health === 'ok') || undefined}
          data-selected={data.selected === groupId(handler) || undefined}
        >
          <Handle
            id={groupId(handler)}
            type="target"
            position={Position.Left}
            className={classes.handle}
            style={{top: handlerMiddle(service.endpoints.length, index)}}
            isConnectable={false}
          />
          <span className={classes.what}>
            <span className={classes.method}>on</span> {handler.topic}
          </span>
          <span className={classes.figure}>
            {handler.paused ? 'paused' : handler.lag > 0 ? `lag ${shortNumber(handler.lag)}` : duration(handler.p99_ms)}
          </span>
        </button>
      ))}
      <Handle type="source" position={Position.Right} className={classes.handle} isConnectable={false} />
    </div>
  );
}

export function TopicPill({data, selected}: NodeProps<TopicFlowNode>) {
  const {topic} = data.node;
  const {width, height} = sizeOf(data.node);
  return (
    <div
      className={classes.topic}
      style={{width, height}}
      data-health={topic.health}
      data-selected={selected || undefined}
    >
      <Handle type="target" position={Position.Left} className={classes.handle} isConnectable={false} />
      <span className={classes.topicName}>{topic.name}</span>
      <span className={classes.figure}>
        {perSecond(topic.events_per_s)} · {shortNumber(topic.length)}
      </span>
      <Handle type="source" position={Position.Right} className={classes.handle} isConnectable={false} />
    </div>
  );
}

// What a screen reader says of a node.
export function describeNode(node: ServiceNode | TopicNode): string {
  if (node.kind === 'topic')
    return `Topic ${node.topic.name}, ${HEALTH_WORDS[node.topic.health]}, ${perSecond(node.topic.events_per_s)}`;
  const {name, health, why, endpoints, handlers} = node.service;
  const state = `${HEALTH_WORDS[health]}${why ? `: ${why}` : ''}`;
  return `Service ${name}, ${state}, ${endpoints.length} endpoints, ${handlers.length} handlers`;
}
