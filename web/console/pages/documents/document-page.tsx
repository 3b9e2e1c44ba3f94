import {Button, Group, Stack, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, Link} from '@tanstack/react-router';

import {Problem} from '../../api/client';
import type {DocumentDetails, DocumentVersion} from '../../api/types';
import {DocumentDiff} from '../../components/document-diff';
import {IdText} from '../../components/id-text';
import {JsonView} from '../../components/json-view';
import {Page, Section} from '../../components/page';
import {EmptyState, QueryView} from '../../components/states';
import {JourneyLink} from '../../components/text-link';
import {Moment} from '../../components/values';
import classes from './documents.module.css';
import {documentQuery} from './queries';

const route = getRouteApi('/documents/$collection/$id');

export function DocumentPage() {
  const {collection, id} = route.useParams();
  const query = useQuery(documentQuery(collection, id));
  return (
    <Page
      title={id}
      up={{to: `/documents/${encodeURIComponent(collection)}`, label: collection}}
      description={query.data && `Version ${query.data.version}`}
      actions={
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/journeys/$id" params={{id}} {...props} />}
        >
          Its journey
        </Button>
      }
    >
      {query.error instanceof Problem && query.error.status === 404 ? (
        <EmptyState
          title="There is no such document"
          next="It may be deleted, or its id mistyped. Its journey may still tell what became of it."
        >
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/documents/$collection" params={{collection}} {...props} />}
          >
            Other documents
          </Button>
        </EmptyState>
      ) : (
        <QueryView query={query} label="the document">
          {(document) => <Contents label={`${collection}/${id}`} document={document} />}
        </QueryView>
      )}
    </Page>
  );
}

function Contents({label, document: {document, history}}: {label: string; document: DocumentDetails}) {
  const changes = history.toSorted((a, b) => b.time.localeCompare(a.time));
  return (
    <div className={classes.columns}>
      <Section title="Now">
        <JsonView label="Document" value={document} />
      </Section>
      <Section title="Changes">
        {changes.length > 0 ? (
          <ol className={classes.history} aria-label="Changes, newest first">
            {changes.map((change) => (
              <Change key={`${change.version} ${change.time}`} label={label} change={change} />
            ))}
          </ol>
        ) : (
          <Text size="sm" c="dimmed">
            This process remembers no change of it: the last one was before its start, by another process, or too long
            ago. Its journey shows the events that are still in their topics.
          </Text>
        )}
      </Section>
    </div>
  );
}

function Change({
  label,
  change: {time, trace_id, by, version, before, after},
}: {
  label: string;
  change: DocumentVersion;
}) {
  const word = before == null ? 'Made' : after == null ? 'Deleted' : 'Changed';
  return (
    <li className={classes.change} data-version={version}>
      <Stack gap={4}>
        <Group justify="space-between" gap="xs">
          <Text size="sm">
            <strong>{word}</strong> by {by}, <Moment at={time} />
          </Text>
          <Text size="xs" c="dimmed">
            Version {version}
          </Text>
        </Group>
        <DocumentDiff label={`${label} at version ${version}`} before={before} after={after} />
        {trace_id && (
          <Text size="xs">
            <JourneyLink id={trace_id}>What led to it</JourneyLink> <IdText id={trace_id} label="trace id" />
          </Text>
        )}
      </Stack>
    </li>
  );
}
