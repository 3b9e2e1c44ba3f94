import {Paper, SimpleGrid, Text} from '@mantine/core';
import type {ReactNode} from 'react';

import type {HealthNow} from '../../api/types';
import {bytes, duration, exactNumber, perSecond, plural, shortNumber} from '../../format';
import classes from './health.module.css';

// The figures of now; what this store does not tell is not there.
export function Tiles({now}: {now: HealthNow}) {
  return (
    <SimpleGrid cols={{base: 2, sm: 4, lg: 7}} spacing="sm">
      <Tile label="Commits" value={perSecond(now.commits_per_s)} more={syncText(now.commits_in_sync)} />
      {isNumber(now.commit_p50_ms) && (
        <Tile label="Commit latency" value={duration(now.commit_p50_ms)} more={`p99 ${duration(now.commit_p99_ms)}`} />
      )}
      {isNumber(now.lsn_durable) && (
        <Tile
          label="Tidemark"
          value={<span title="LSN up to which all is on disk">{exactNumber(now.lsn_durable)}</span>}
          more={behind(now)}
        />
      )}
      {isNumber(now.disk_used_bytes) && (
        <Tile
          label="Disk"
          value={bytes(now.disk_used_bytes)}
          more={isNumber(now.disk_free_bytes) ? `${bytes(now.disk_free_bytes)} free` : ''}
        />
      )}
      {isNumber(now.memory_bytes) && (
        <Tile
          label="Memory"
          value={bytes(now.memory_bytes)}
          more={isNumber(now.threads) ? plural(now.threads, 'thread') : ''}
        />
      )}
      <Tile label="Requests" value={perSecond(now.requests_per_s)} more={`${perSecond(now.errors_per_s)} failed`} />
      <Tile
        label="Events handled"
        value={perSecond(now.events_handled_per_s)}
        more={`${perSecond(now.failures_per_s)} failed`}
      />
    </SimpleGrid>
  );
}

function Tile({label, value, more}: {label: string; value: ReactNode; more: ReactNode}) {
  return (
    <Paper p="sm">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div className={classes.value}>{value}</div>
      <Text size="xs" c="dimmed">
        {more || '\u00a0'}
      </Text>
    </Paper>
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function syncText(commits: number | null | undefined): string {
  return isNumber(commits) ? `${shortNumber(commits)} in a sync` : '';
}

function behind({lsn_sequenced, lsn_durable}: HealthNow): string {
  if (!isNumber(lsn_sequenced) || !isNumber(lsn_durable)) return '';
  const waiting = lsn_sequenced - lsn_durable;
  return waiting > 0 ? `${shortNumber(waiting)} not on disk yet` : 'all is on disk';
}
