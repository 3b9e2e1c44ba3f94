import {Button, Group, SegmentedControl, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, Link} from '@tanstack/react-router';
import {useMemo} from 'react';

import {Problem} from '../../api/client';
import type {Journey} from '../../api/types';
import {DetailsSplit} from '../../components/details-split';
import {IdText} from '../../components/id-text';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {Duration, Moment} from '../../components/values';
import {plural} from '../../format';
import classes from './journey.module.css';
import {healthOf} from './outcome';
import {journeyQuery} from './queries';
import {StepDetails} from './step-details';
import {axisOf, endOf, lanesOf, nestedRows, type Row} from './timeline';
import {Waterfall} from './waterfall';

const route = getRouteApi('/journeys/$id');

export function JourneyPage() {
  const {id} = route.useParams();
  const query = useQuery(journeyQuery(id));
  return (
    <Page
      title={query.data?.steps.find(({kind}) => kind === 'request')?.name ?? 'Journey'}
      up={{to: '/journeys', label: 'Journeys'}}
      description={<IdText id={id} />}
    >
      {query.error instanceof Problem && query.error.status === 404 ? (
        <NoSuchJourney id={id} />
      ) : (
        <QueryView query={query} label="the journey">
          {(journey) => (journey.steps.length === 0 ? <NoSuchJourney id={id} /> : <Steps journey={journey} />)}
        </QueryView>
      )}
    </Page>
  );
}

function Steps({journey}: {journey: Journey}) {
  const {step, view} = route.useSearch();
  const navigate = route.useNavigate();
  const rows = useMemo(() => nestedRows(journey.steps), [journey.steps]);
  const axis = useMemo(() => axisOf(rows), [rows]);
  const lanes = view === 'service' ? lanesOf(rows) : [{service: '', rows}];
  const chosen = rows.find(({id}) => id === step);
  const choose = (id: string | undefined) =>
    void navigate({search: (search) => ({...search, step: id}), replace: true, resetScroll: false});

  return (
    <>
      <Group justify="space-between" gap="sm">
        <Summary rows={rows} />
        <SegmentedControl
          size="xs"
          aria-label="Order the steps by"
          data={[
            {value: 'cause', label: 'By cause'},
            {value: 'service', label: 'By service'},
          ]}
          value={view ?? 'cause'}
          onChange={(next) => void navigate({search: (search) => ({...search, view: next}), replace: true})}
        />
      </Group>
      {!journey.complete && (
        <Text size="sm">
          Only what is in the topics: this process does not remember the runs of this journey (they were before its
          start, in another process, or too long ago).
        </Text>
      )}
      <DetailsSplit
        label="The step"
        details={chosen && <StepDetails key={chosen.id} row={chosen} onClose={() => choose(undefined)} />}
        onClose={() => choose(undefined)}
      >
        <Waterfall lanes={lanes} axis={axis} chosen={chosen?.id} onChoose={choose} />
      </DetailsSplit>
    </>
  );
}

function Summary({rows}: {rows: Row[]}) {
  const services = new Set(rows.map(({step}) => step.service).filter(Boolean)).size;
  const failed = rows.filter(({step}) => healthOf(step.outcome) === 'failing').length;
  const first = rows.reduce((a, b) => (b.start_ms < a.start_ms ? b : a));
  return (
    <Text size="sm" c="dimmed">
      <Moment at={first.step.at} />, took <Duration ms={endOf(rows)} />: {plural(rows.length, 'step')} in{' '}
      {plural(services, 'service')}
      {failed > 0 && <span className={classes.failed}>, {failed} failed</span>}
    </Text>
  );
}

function NoSuchJourney({id}: {id: string}) {
  return (
    <EmptyState
      title="Nothing is known of this id"
      next="It may be mistyped, or too old: topics keep events for a time, and this process remembers its last runs."
    >
      <Button variant="default" renderRoot={(props) => <Link to="/journeys" {...props} />}>
        Recent journeys
      </Button>
      <Button variant="default" renderRoot={(props) => <Link to="/journeys" search={{text: id}} {...props} />}>
        Search for it
      </Button>
    </EmptyState>
  );
}
