import {Button, Table, Text, VisuallyHidden} from '@mantine/core';
import {useState} from 'react';

import classes from './document-diff.module.css';
import {differences} from './json-diff';

interface DocumentDiffProps {
  label: string; // "orders/01J…"
  before: unknown;
  after: unknown;
}

// A document before and after: what changed, and on demand what did not. A new one has no before, a deleted one no
// after.
export function DocumentDiff({label, before, after}: DocumentDiffProps) {
  const [whole, setWhole] = useState(false);
  const all = differences(before, after);
  const rows = whole ? all : all.filter((row) => row.changed);
  const same = all.length - all.filter((row) => row.changed).length;
  const [isNew, isGone] = [all.every((row) => row.before === undefined), all.every((row) => row.after === undefined)];
  return (
    <div className={classes.frame}>
      {rows.length > 0 ? (
        <Table className={classes.table} aria-label={`Changes of ${label}`} verticalSpacing={2} horizontalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Member</Table.Th>
              {!isNew && <Table.Th scope="col">Before</Table.Th>}
              {!isGone && <Table.Th scope="col">After</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.path} data-changed={row.changed || undefined}>
                <Table.Td>{row.path || 'value'}</Table.Td>
                {!isNew && (
                  <Table.Td>
                    <Value text={row.before} />
                  </Table.Td>
                )}
                {!isGone && (
                  <Table.Td>
                    <Value text={row.after} />
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <Text size="sm" c="dimmed">
          Nothing in it changed.
        </Text>
      )}
      {same > 0 && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setWhole(!whole)} aria-expanded={whole}>
          {whole ? 'Only what changed' : `Show ${same} unchanged`}
        </Button>
      )}
    </div>
  );
}

function Value({text}: {text: string | undefined}) {
  return text === undefined ? <VisuallyHidden>not there</VisuallyHidden> : <code>{text}</code>;
}
