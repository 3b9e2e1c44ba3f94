import {Group, SegmentedControl, Stack, Text, UnstyledButton} from '@mantine/core';
import {useMediaQuery} from '@mantine/hooks';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {lazy, Suspense, type CSSProperties} from 'react';

import {mapQuery} from '../../api/queries';
import type {SystemMap} from '../../api/types';
import {DetailsSplit} from '../../components/details-split';
import {StatusDot} from '../../components/health';
import {Page} from '../../components/page';
import {EmptyState, Loading, QueryView} from '../../components/states';
import {MapList} from './map-list';
import {MapPanel} from './map-panel';
import {troublesOf} from './troubles';

const MapGraph = lazy(() => import('./map-graph').then((module) => ({default: module.MapGraph})));

const route = getRouteApi('/map');
const TROUBLES_SHOWN = 4;
const TROUBLE_PX = 22;
const TROUBLES_GAP_PX = 14;

export function MapPage() {
  const query = useQuery(mapQuery);
  const {view, selected} = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery('(max-width: 48em)', undefined, {getInitialValueInEffect: false}) ?? false;
  const shown = view ?? (narrow ? 'list' : 'graph');
  const select = (id: string | undefined) =>
    void navigate({search: (search) => ({...search, selected: id}), replace: true, resetScroll: false});

  return (
    <Page
      title="Map"
      description="What runs here, and how it talks to each other"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Show the map as"
          data={[
            {value: 'graph', label: 'Graph'},
            {value: 'list', label: 'List'},
          ]}
          value={shown}
          onChange={(next) => void navigate({search: (search) => ({...search, view: next}), replace: true})}
        />
      }
    >
      <QueryView query={query} label="the map">
        {(map) =>
          map.services.length === 0 && map.topics.length === 0 ? (
            <EmptyState
              title="Nothing is registered yet"
              next="A service appears here with its first endpoint or handler. `tidemark new service NAME` makes one."
            />
          ) : (
            <>
              <Troubles map={map} onSelect={select} />
              {shown === 'list' ? <MapList map={map} /> : <Picture map={map} selected={selected} onSelect={select} />}
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

interface PictureProps {
  map: SystemMap;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

function Picture({map, selected, onSelect}: PictureProps) {
  const troubles = Math.min(troublesOf(map).length, TROUBLES_SHOWN + 1);
  const above = troubles > 0 ? `${troubles * TROUBLE_PX + TROUBLES_GAP_PX}px` : '0px';
  const close = () => onSelect(undefined);
  return (
    <div style={{'--above': above} as CSSProperties}>
      <DetailsSplit
        label="Details"
        details={selected && <MapPanel map={map} selected={selected} onSelect={onSelect} />}
        onClose={close}
      >
        <Suspense fallback={<Loading label="the graph" rows={12} />}>
          <MapGraph map={map} selected={selected} onSelect={onSelect} />
        </Suspense>
      </DetailsSplit>
    </div>
  );
}

function Troubles({map, onSelect}: {map: SystemMap; onSelect: (id: string) => void}) {
  const troubles = troublesOf(map);
  if (troubles.length === 0) return null;
  return (
    <Stack gap={2} role="status" aria-label="What needs a look">
      {troubles.slice(0, TROUBLES_SHOWN).map(({id, name, of, health, why}) => (
        <UnstyledButton key={`${id} ${name}`} onClick={() => onSelect(id)}>
          <Group gap={8} wrap="nowrap">
            <StatusDot health={health} />
            <Text size="sm" span>
              <Text span fw={600} size="sm">
                {name}
              </Text>{' '}
              ({of}): {why}
            </Text>
          </Group>
        </UnstyledButton>
      ))}
      {troubles.length > TROUBLES_SHOWN && (
        <Text size="sm" c="dimmed">
          and {troubles.length - TROUBLES_SHOWN} more
        </Text>
      )}
    </Stack>
  );
}
