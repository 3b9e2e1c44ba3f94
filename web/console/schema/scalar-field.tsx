// The field of a single value: text, a number, a choice, a time, or JSON.

import {Button, JsonInput, Select, Textarea, TextInput} from '@mantine/core';

import type {Draft, Errors} from './draft';
import type {Shape} from './shape';

export interface FieldProps {
  shape: Shape;
  draft: Draft;
  onChange: (draft: Draft) => void;
  errors: Errors;
  path: string;
  label: string;
  about?: string;
  required: boolean;
}

export function ScalarField(props: FieldProps) {
  const {shape, draft, onChange, errors, path, label, about, required} = props;
  const inner = shape.kind === 'optional' ? shape.inner : shape;
  const needed = required && shape.kind !== 'optional';
  const text = typeof draft === 'string' ? draft : '';
  const shared = {
    size: 'xs',
    label,
    description: [about, hintOf(inner)].filter(Boolean).join(' ') || undefined,
    required: needed,
    'data-path': path,
    error: errors[path],
    value: text,
  } as const;
  switch (inner.kind) {
    case 'choice':
    case 'boolean': {
      const data = inner.kind === 'choice' ? inner.options : BOOLEANS;
      return (
        <Select
          {...shared}
          data={data}
          value={text || null}
          onChange={(next) => onChange(next ?? '')}
          clearable={!needed}
        />
      );
    }
    case 'json':
      return <JsonInput {...shared} onChange={onChange} autosize minRows={3} formatOnBlur />;
    case 'time':
      return (
        <TextInput
          {...shared}
          onChange={(event) => onChange(event.currentTarget.value)}
          rightSectionWidth={48}
          rightSection={<NowButton onChange={onChange} label={label} />}
        />
      );
    case 'number':
      return <TextInput {...shared} inputMode="decimal" onChange={(event) => onChange(event.currentTarget.value)} />;
    default:
      return text.includes('\n') || text.length > LONG ? (
        <Textarea {...shared} autosize maxRows={8} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <TextInput {...shared} onChange={(event) => onChange(event.currentTarget.value)} />
      );
  }
}

const LONG = 120;
const BOOLEANS = [
  {value: 'true', label: 'yes'},
  {value: 'false', label: 'no'},
];

function hintOf(shape: Shape): string {
  switch (shape.kind) {
    case 'number':
      return [shape.decimals === 2 ? 'an amount' : shape.integer ? 'a whole number' : 'a number', rangeText(shape)]
        .filter(Boolean)
        .join(', ');
    case 'time':
      return 'a time, as 2026-01-31T12:00:00.000Z';
    case 'json':
      return 'any JSON';
    case 'text':
      return shape.maxLength === undefined ? '' : `at most ${shape.maxLength} characters`;
    default:
      return '';
  }
}

// The bounds that a type has by itself (of 32 bits, say) say nothing to a person.
function rangeText({minimum, maximum}: {minimum?: number; maximum?: number}): string {
  const low = minimum !== undefined && minimum > -(2 ** 31) ? minimum : undefined;
  const high = maximum !== undefined && maximum < 2 ** 31 - 1 ? maximum : undefined;
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  if (low !== undefined) return `${low} or more`;
  return high !== undefined ? `${high} or less` : '';
}

function NowButton({onChange, label}: {onChange: (draft: Draft) => void; label: string}) {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      aria-label={`${label}: now`}
      onClick={() => onChange(new Date().toISOString())}
    >
      Now
    </Button>
  );
}
