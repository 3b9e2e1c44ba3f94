import {Anchor, Collapse, Stack} from '@mantine/core';
import {useDisclosure} from '@mantine/hooks';

import {attributesOf, membersOf, type Fields} from '../schema/event-fields';
import {JsonView} from './json-view';
import {KeyValue} from './key-value';

// An event's members, one a line; its attributes (ce_…) on demand.
export function EventFields({fields}: {fields: Fields}) {
  const [open, toggle] = useDisclosure(false);
  const attributes = Object.entries(attributesOf(fields));
  return (
    <Stack gap={4}>
      <KeyValue
        rows={Object.entries(membersOf(fields)).map(([name, text]) => [
          name,
          <FieldText key={name} name={name} text={text} />,
        ])}
      />
      {attributes.length > 0 && (
        <>
          <Anchor component="button" type="button" size="xs" ta="start" onClick={toggle.toggle} aria-expanded={open}>
            {open ? 'Hide the attributes' : `${attributes.length} attributes`}
          </Anchor>
          <Collapse expanded={open}>
            <KeyValue rows={attributes.map(([name, text]) => [name, <code key={name}>{text}</code>])} />
          </Collapse>
        </>
      )}
    </Stack>
  );
}

function FieldText({name, text}: {name: string; text: string}) {
  if (!/^[[{]/.test(text)) return <code>{text === '' ? '""' : text}</code>;
  try {
    return <JsonView label={name} value={JSON.parse(text)} />;
  } catch {
    return <code>{text}</code>;
  }
}
