// The last hour, measure by measure.

import '@mantine/charts/styles.css';

import {LineChart} from '@mantine/charts';
import {Paper, SimpleGrid, Text} from '@mantine/core';
import {useMemo} from 'react';

import type {HealthHistory} from '../../api/types';
import {bytes, duration, perSecond, shortNumber} from '../../format';
import {ticksUpTo, type Scale} from './axis';
import {hasAny, largestOf, rowsOf} from './history';

interface Chart {
  title: string;
  series: {name: string; label: string}[];
  format: (value: number) => string;
  scale?: Scale;
}

const TENS: Scale = {base: 10};
const WHOLE: Scale = {base: 10, smallest: 1};
const BYTES: Scale = {base: 1_024};

const percent = (share: number): string =>
  `${(100 * share).toLocaleString('en', {maximumSignificantDigits: share < 1 ? 2 : 3})} %`;

const CHARTS: Chart[] = [
  {title: 'Commits', series: [{name: 'commits_per_s', label: 'Commits'}], format: perSecond},
  {
    title: 'Commit latency',
    series: [
      {name: 'commit_p50_ms', label: 'p50'},
      {name: 'commit_p99_ms', label: 'p99'},
    ],
    format: duration,
  },
  {
    title: 'Sync of the log',
    series: [
      {name: 'sync_p50_ms', label: 'p50'},
      {name: 'sync_p99_ms', label: 'p99'},
    ],
    format: duration,
  },
  {title: 'Commits in a sync', series: [{name: 'commits_in_sync', label: 'Commits'}], format: shortNumber},
  {
    title: 'Requests and events',
    series: [
      {name: 'requests_per_s', label: 'Requests'},
      {name: 'events_handled_per_s', label: 'Events handled'},
    ],
    format: perSecond,
  },
  {title: 'Events that wait', series: [{name: 'lag', label: 'Lag of all groups'}], format: shortNumber, scale: WHOLE},
  {
    title: 'Failures',
    series: [
      {name: 'errors_per_s', label: 'Requests'},
      {name: 'failures_per_s', label: 'Runs of handlers'},
      {name: 'dead_letters_per_s', label: 'Dead letters'},
    ],
    format: perSecond,
  },
  {title: 'Processor time', series: [{name: 'processors', label: 'Of one processor'}], format: percent},
  {title: 'Memory', series: [{name: 'memory_bytes', label: 'Memory'}], format: bytes, scale: BYTES},
  {title: 'Disk', series: [{name: 'disk_used_bytes', label: 'Used'}], format: bytes, scale: BYTES},
];

const ROWS_MAX = 180;
const SECONDS_BELOW_MS = 300_000; // of less than 5 minutes the axis tells seconds, too
const COLORS = ['tide.7', 'gray.5', 'dark.3'];

const minute = new Intl.DateTimeFormat('en', {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
const second = new Intl.DateTimeFormat('en', {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});

export function Charts({history}: {history: HealthHistory}) {
  const measured = CHARTS.filter(({series}) =>
    hasAny(
      history,
      series.map(({name}) => name),
    ),
  );
  if (measured.length === 0)
    return (
      <Text size="sm" c="dimmed">
        The first points come a few seconds after the process began.
      </Text>
    );
  return (
    <SimpleGrid cols={{base: 1, sm: 2, lg: 3}} spacing="sm">
      {measured.map((chart) => (
        <OneChart key={chart.title} chart={chart} history={history} />
      ))}
    </SimpleGrid>
  );
}

function OneChart({chart, history}: {chart: Chart; history: HealthHistory}) {
  const {title, series, format, scale = TENS} = chart;
  const rows = useMemo(
    () =>
      rowsOf(
        history,
        series.map(({name}) => name),
        ROWS_MAX,
      ),
    [history, series],
  );
  const ticks = ticksUpTo(largestOf(rows), scale);
  const clock = (rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0) < SECONDS_BELOW_MS ? second : minute;
  const newest = series.map(({name, label}) => `${label} ${format(Number(rows.at(-1)?.[name] ?? 0))}`).join(', ');
  return (
    <Paper p="sm" component="figure" m={0}>
      <Text size="sm" fw={600} component="figcaption" mb={4}>
        {title}
      </Text>
      <div role="img" aria-label={`${title} over the last hour; now: ${newest}`}>
        <LineChart
          h={150}
          data={rows}
          dataKey="at"
          series={series.map(({name, label}, index) => ({name, label, color: COLORS[index] ?? 'gray.5'}))}
          valueFormatter={format}
          withDots={false}
          withLegend={series.length > 1}
          legendProps={{verticalAlign: 'top', height: 26}}
          strokeWidth={1.5}
          curveType="linear"
          connectNulls={false}
          lineProps={{isAnimationActive: false}}
          lineChartProps={{margin: {top: 10}}}
          gridAxis="x"
          xAxisProps={{
            type: 'number',
            domain: ['dataMin', 'dataMax'],
            tickFormatter: (at: number) => clock.format(at),
            minTickGap: 40,
          }}
          yAxisProps={{width: 62, ticks, domain: [0, ticks.at(-1) ?? 1], interval: 0}}
          tooltipProps={{
            labelFormatter: (at) => (typeof at === 'number' ? second.format(at) : ''),
            isAnimationActive: false,
          }}
        />
      </div>
    </Paper>
  );
}
