// Values in running text and tables: short as read, exact on hover.

import {bytes, duration, exactNumber, exactTime, perSecond, relative, shortNumber} from '../format';
import {useNow} from './use-now';
import classes from './values.module.css';

const NONE = <span className={classes.none}>–</span>;

type Maybe = number | null | undefined;
const absent = (value: unknown): value is null | undefined => value === null || value === undefined;

// A time from now.
export function Moment({at}: {at: string | null | undefined}) {
  const now = useNow();
  if (!at) return NONE;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  return (
    <time dateTime={at} title={exactTime(date)} className={classes.value}>
      {relative(date.getTime(), now)}
    </time>
  );
}

export function Num({value}: {value: Maybe}) {
  if (absent(value)) return NONE;
  return (
    <span title={exactNumber(value)} className={classes.value}>
      {shortNumber(value)}
    </span>
  );
}

export function Rate({value}: {value: Maybe}) {
  if (absent(value)) return NONE;
  return <span className={value === 0 ? classes.none : classes.value}>{perSecond(value)}</span>;
}

export function Duration({ms}: {ms: Maybe}) {
  if (absent(ms)) return NONE;
  return (
    <span title={`${exactNumber(ms)} ms`} className={classes.value}>
      {duration(ms)}
    </span>
  );
}

export function Bytes({value}: {value: Maybe}) {
  if (absent(value)) return NONE;
  return (
    <span title={`${exactNumber(value)} bytes`} className={classes.value}>
      {bytes(value)}
    </span>
  );
}
