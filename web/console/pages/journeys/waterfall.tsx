// The time line: a row for each step, its bar where and as long as it ran. A list of buttons to the keyboard.

import {VisuallyHidden} from '@mantine/core';
import {IconAlarm, IconBolt, IconCircleX, IconPlayerPlay, IconWorld, type Icon} from '@tabler/icons-react';
import {Fragment, useRef, type KeyboardEvent} from 'react';

import type {Step, StepKind} from '../../api/types';
import {StatusDot} from '../../components/health';
import {clockTime, duration} from '../../format';
import classes from './journey.module.css';
import {healthOf} from './outcome';
import {positionOf, ticksOf, type Row, type Stretch} from './timeline';

interface WaterfallProps {
  lanes: {service: string; rows: Row[]}[];
  axis: Stretch[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

// What ran: an endpoint; or a handler, by what it reads, and its group where that has another name than its service.
export function titleOf({name, group, service}: Step): string {
  if (!group) return name;
  return group === service ? `on ${name}` : `on ${name} → ${group}`;
}

export const STEP_KINDS: Record<StepKind, {icon: Icon; word: string}> = {
  request: {icon: IconWorld, word: 'Request'},
  event: {icon: IconBolt, word: 'Event'},
  run: {icon: IconPlayerPlay, word: 'Run'},
  timer: {icon: IconAlarm, word: 'Timer'},
  dead_letter: {icon: IconCircleX, word: 'Dead letter'},
};

const INDENT_PX = 14;
const INDENT_MAX = 8;

export function Waterfall({lanes, axis, chosen, onChoose}: WaterfallProps) {
  const frame = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = [...(frame.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const at = steps.indexOf(document.activeElement as HTMLButtonElement);
    const next = {ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: steps.length - 1}[event.key];
    if (at < 0 || next === undefined) return;
    steps[Math.max(0, Math.min(steps.length - 1, next))]?.focus();
    event.preventDefault();
  };
  return (
    <div className={classes.waterfall} ref={frame} onKeyDown={onKeyDown}>
      <Axis axis={axis} />
      {lanes.map(({service, rows}) => (
        <Fragment key={service}>
          {service && <h2 className={classes.lane}>{service}</h2>}
          <ol className={classes.rows} aria-label={service ? `Steps in ${service}` : 'Steps'}>
            {rows.map((row) => (
              <li key={row.id}>
                <StepRow row={row} axis={axis} chosen={row.id === chosen} showService={!service} onChoose={onChoose} />
              </li>
            ))}
          </ol>
        </Fragment>
      ))}
    </div>
  );
}

interface StepRowProps {
  row: Row;
  axis: Stretch[];
  chosen: boolean;
  showService: boolean;
  onChoose: (id: string) => void;
}

function StepRow({row, axis, chosen, showService, onChoose}: StepRowProps) {
  const {step, depth, start_ms, duration_ms} = row;
  const {icon: KindIcon, word} = STEP_KINDS[step.kind];
  const health = healthOf(step.outcome);
  const left = positionOf(start_ms, axis);
  const width = positionOf(start_ms + duration_ms, axis) - left;
  return (
    <button
      type="button"
      className={classes.row}
      aria-pressed={chosen}
      title={clockTime(new Date(step.at))}
      data-step={row.id}
      data-kind={step.kind}
      onClick={() => onChoose(row.id)}
    >
      <span className={classes.name} style={{paddingLeft: Math.min(depth, INDENT_MAX) * INDENT_PX}}>
        <KindIcon size={14} stroke={1.7} className={classes.icon} aria-hidden />
        <VisuallyHidden>{word}: </VisuallyHidden>
        <span className={classes.text}>{titleOf(step)}</span>
        {(step.attempt ?? 1) > 1 && <span className={classes.dim}>attempt {step.attempt}</span>}
        {health !== 'ok' && <StatusDot health={health} />}
      </span>
      <span className={classes.service}>
        <VisuallyHidden>, in </VisuallyHidden>
        {showService ? step.service : <VisuallyHidden>{step.service}</VisuallyHidden>}
      </span>
      <span className={classes.track}>
        {axis
          .filter(({wait}) => wait)
          .map((stretch) => (
            <span
              key={stretch.from_ms}
              className={classes.wait}
              style={{left: percent(stretch.left), width: percent(stretch.width)}}
            />
          ))}
        <span
          className={classes.bar}
          data-kind={step.kind}
          data-health={health}
          style={{left: percent(left), width: percent(width)}}
        />
        <span
          className={classes.took}
          style={left + width > 0.8 ? {right: percent(1 - left)} : {left: percent(left + width)}}
        >
          <VisuallyHidden>, after {duration(start_ms)}</VisuallyHidden>
          {duration_ms > 0 && (
            <>
              <VisuallyHidden>, took </VisuallyHidden>
              {duration(duration_ms)}
            </>
          )}
        </span>
      </span>
    </button>
  );
}

function Axis({axis}: {axis: Stretch[]}) {
  return (
    <div className={classes.axis} aria-hidden>
      <span className={classes.track}>
        {ticksOf(axis).map(({ms, at, label}) => (
          <span key={ms} className={classes.tick} style={{left: percent(at)}} data-last={at > 0.95 || undefined}>
            {label}
          </span>
        ))}
        {axis
          .filter(({wait}) => wait)
          .map(({from_ms, to_ms, left, width}) => (
            <span key={from_ms} className={classes.waitLabel} style={{left: percent(left), width: percent(width)}}>
              {duration(to_ms - from_ms)}
            </span>
          ))}
      </span>
    </div>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
