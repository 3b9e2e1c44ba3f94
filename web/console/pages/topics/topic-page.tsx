import {Tabs} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useCallback} from 'react';

import {Problem} from '../../api/client';
import type {TopicDetails} from '../../api/types';
import {DetailsSplit} from '../../components/details-split';
import {Page} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {Moment, Rate} from '../../components/values';
import {plural} from '../../format';
import {BrowseView} from './browse-view';
import {EntryView} from './entry-view';
import {PublishView} from './publish-view';
import {topicQuery} from './queries';
import {TailView} from './tail-view';
import {TopicFacts} from './topic-facts';

const route = getRouteApi('/topics/$topic');

const VIEWS = {browse: 'Browse', tail: 'Tail', publish: 'Publish', about: 'About'} as const;
type View = keyof typeof VIEWS;
const isView = (text: string | undefined): text is View => text !== undefined && text in VIEWS;

export function TopicPage() {
  const {topic} = route.useParams();
  const query = useQuery(topicQuery(topic));
  return (
    <Page
      title={topic}
      up={{to: '/topics', label: 'Topics'}}
      description={query.data && <Summary topic={query.data} />}
    >
      {query.error instanceof Problem && query.error.status === 404 ? (
        <EmptyState
          title="There is no such topic"
          next="It may be mistyped. A topic appears with its first handler or event."
        />
      ) : (
        <QueryView query={query} label="the topic">
          {(details) => <Views key={topic} topic={details} />}
        </QueryView>
      )}
    </Page>
  );
}

function Views({topic}: {topic: TopicDetails}) {
  const {view: wanted, entry} = route.useSearch();
  const view = isView(wanted) ? wanted : 'browse';
  const navigate = route.useNavigate();
  const show = (next: string | null) =>
    void navigate({
      search: ({key, type, text}) => ({view: next === 'browse' ? undefined : (next ?? undefined), key, type, text}),
    });
  const open = useCallback(
    (id: string | undefined) =>
      void navigate({search: (search) => ({...search, entry: id}), replace: true, resetScroll: false}),
    [navigate],
  );
  const details = entry && view !== 'publish' && (
    <EntryView key={entry} topic={topic} id={entry} onClose={() => open(undefined)} />
  );

  return (
    <DetailsSplit label="The event" details={details} onClose={() => open(undefined)}>
      <Tabs value={view} onChange={show} keepMounted={false}>
        <Tabs.List mb="sm">
          {Object.entries(VIEWS).map(([name, label]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="browse">
          <BrowseView topic={topic} selected={entry} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="tail">
          <TailView topic={topic.name} selected={entry} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="publish">
          <PublishView topic={topic} from={entry} />
        </Tabs.Panel>
        <Tabs.Panel value="about">
          <TopicFacts topic={topic} />
        </Tabs.Panel>
      </Tabs>
    </DetailsSplit>
  );
}

function Summary({topic: {event, length, events_per_s, last_time}}: {topic: TopicDetails}) {
  return (
    <>
      {event && <>{event}, </>}
      {plural(length, 'event')} kept, <Rate value={events_per_s} />
      {last_time && (
        <>
          , last <Moment at={last_time} />
        </>
      )}
    </>
  );
}
