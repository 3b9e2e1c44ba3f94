// A form for a shape: a field for each member, nested ones below a heading of their own.

import {ActionIcon, Button, Group, Select, Stack, Text, TextInput} from '@mantine/core';
import {IconPlus, IconTrash} from '@tabler/icons-react';
import type {ReactNode} from 'react';

import {
  emptyDraft,
  emptyMembers,
  isObject,
  isScalar,
  isVariant,
  memberPath,
  type Draft,
  type DraftPair,
  type Errors,
} from './draft';
import {ScalarField, type FieldProps} from './scalar-field';
import classes from './schema-form.module.css';
import type {Member, Shape} from './shape';

// Leads to the first field that is wrong, once it says so.
export function focusInvalid(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

interface SchemaFormProps {
  shape: Shape;
  draft: Draft;
  onChange: (draft: Draft) => void;
  errors: Errors;
}

export function SchemaForm({shape, draft, onChange, errors}: SchemaFormProps) {
  if (shape.kind === 'object')
    return <MemberFields members={shape.members} draft={draft} onChange={onChange} errors={errors} path="" />;
  return <Field shape={shape} draft={draft} onChange={onChange} errors={errors} path="" label="Event" required />;
}

interface MemberFieldsProps {
  members: Member[];
  draft: Draft;
  onChange: (draft: Draft) => void;
  errors: Errors;
  path: string;
}

export function MemberFields({members, draft, onChange, errors, path}: MemberFieldsProps) {
  const given = isObject(draft) ? draft : {members: {}};
  if (members.length === 0)
    return (
      <Text size="sm" c="dimmed">
        It has no members.
      </Text>
    );
  return (
    <Stack gap="xs">
      {members.map(({name, required, about, shape}) => (
        <Field
          key={name}
          shape={shape}
          draft={given.members[name]}
          onChange={(next) => onChange({...given, members: {...given.members, [name]: next}})}
          errors={errors}
          path={memberPath(path, name)}
          label={name}
          about={about}
          required={required}
        />
      ))}
    </Stack>
  );
}

function Field(props: FieldProps) {
  const {shape, draft, required} = props;
  if (isScalar(shape)) return <ScalarField {...props} />;
  if (shape.kind === 'optional') return <Field {...props} shape={shape.inner} required={false} />;
  if (!required && draft === undefined) return <AbsentField {...props} />;
  if (shape.kind === 'list') return <ListField {...props} item={shape.item} />;
  if (shape.kind === 'map') return <MapField {...props} item={shape.item} />;
  return <StructField {...props} />;
}

function Nested({
  label,
  error,
  actions,
  children,
}: {
  label: string;
  error?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <fieldset className={classes.nested}>
      <legend>{label}</legend>
      <Stack gap="xs">
        {children}
        {error && (
          <Text size="xs" c="red" role="alert">
            {error}
          </Text>
        )}
        {actions && <Group gap="xs">{actions}</Group>}
      </Stack>
    </fieldset>
  );
}

function AbsentField({shape, onChange, label}: FieldProps) {
  return (
    <Group gap="xs">
      <Text size="sm">{label}</Text>
      <AddButton label={`Add ${label}`} onClick={() => onChange(emptyDraft(shape))} />
    </Group>
  );
}

function StructField({shape, draft, onChange, errors, path, label, required}: FieldProps) {
  const leaveOut = !required && <RemoveButton label={`Leave out ${label}`} onClick={() => onChange(undefined)} />;
  if (shape.kind === 'variant') {
    const type = isVariant(draft) ? draft.type : '';
    const members = shape.alternatives.find(({name}) => name === type)?.members ?? [];
    const choose = (next: string | null) => {
      const chosen = shape.alternatives.find(({name}) => name === next);
      if (chosen) onChange({type: chosen.name, ...emptyMembers(chosen.members)});
    };
    return (
      <Nested label={label} actions={leaveOut}>
        <Select
          size="xs"
          label="type"
          required
          data={shape.alternatives.map(({name}) => name)}
          value={type}
          onChange={choose}
          allowDeselect={false}
          error={errors[memberPath(path, 'type')]}
        />
        <MemberFields members={members} draft={draft} onChange={onChange} errors={errors} path={path} />
      </Nested>
    );
  }
  const members = shape.kind === 'object' ? shape.members : [];
  return (
    <Nested label={label} error={errors[path]} actions={leaveOut}>
      <MemberFields members={members} draft={draft} onChange={onChange} errors={errors} path={path} />
    </Nested>
  );
}

function ListField({draft, onChange, errors, path, label, required, item}: FieldProps & {item: Shape}) {
  const items = Array.isArray(draft) ? (draft as Draft[]) : [];
  return (
    <Nested
      label={label}
      error={errors[path]}
      actions={
        <>
          <AddButton label={`Add to ${label}`} onClick={() => onChange([...items, emptyDraft(item)])} />
          {!required && <RemoveButton label={`Leave out ${label}`} onClick={() => onChange(undefined)} />}
        </>
      }
    >
      {items.map((one, index) => (
        <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
          <div style={{flex: 1, minWidth: 0}}>
            <Field
              shape={item}
              draft={one}
              onChange={(next) => onChange(items.with(index, next))}
              errors={errors}
              path={`${path}[${index}]`}
              label={`${label}[${index}]`}
              required
            />
          </div>
          <RemoveButton label={`Remove ${label}[${index}]`} onClick={() => onChange(items.toSpliced(index, 1))} />
        </Group>
      ))}
    </Nested>
  );
}

function MapField({draft, onChange, errors, path, label, required, item}: FieldProps & {item: Shape}) {
  const pairs = Array.isArray(draft) ? (draft as DraftPair[]) : [];
  return (
    <Nested
      label={label}
      error={errors[path]}
      actions={
        <>
          <AddButton
            label={`Add to ${label}`}
            onClick={() => onChange([...pairs, {key: '', value: emptyDraft(item)}])}
          />
          {!required && <RemoveButton label={`Leave out ${label}`} onClick={() => onChange(undefined)} />}
        </>
      }
    >
      {pairs.map(({key, value}, index) => (
        <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            size="xs"
            label={`${label} key ${index + 1}`}
            value={key}
            error={errors[`${path}[${index}]`]}
            onChange={(event) => onChange(pairs.with(index, {key: event.currentTarget.value, value}))}
          />
          <div style={{flex: 1, minWidth: 0}}>
            <Field
              shape={item}
              draft={value}
              onChange={(next) => onChange(pairs.with(index, {key, value: next}))}
              errors={errors}
              path={memberPath(path, key)}
              label={`${label} value ${index + 1}`}
              required
            />
          </div>
          <RemoveButton label={`Remove ${label} ${index + 1}`} onClick={() => onChange(pairs.toSpliced(index, 1))} />
        </Group>
      ))}
    </Nested>
  );
}

function AddButton({label, onClick}: {label: string; onClick: () => void}) {
  return (
    <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} aria-hidden />} onClick={onClick}>
      {label}
    </Button>
  );
}

function RemoveButton({label, onClick}: {label: string; onClick: () => void}) {
  return (
    <ActionIcon size="sm" aria-label={label} title={label} onClick={onClick} mt={4}>
      <IconTrash size={14} />
    </ActionIcon>
  );
}
