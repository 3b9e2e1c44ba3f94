import {SegmentedControl, Select, TextInput} from '@mantine/core';
import {useState} from 'react';

import type {Index} from '../../api/types';
import {FilterBar, SearchField} from '../../components/filter-bar';
import type {DocumentFilter} from './queries';

interface DocumentFilterBarProps {
  indexes: Index[];
  filter: DocumentFilter;
  onChange: (change: DocumentFilter) => void;
  onOpen: (id: string) => void;
}

export function DocumentFilterBar({indexes, filter, onChange, onOpen}: DocumentFilterBarProps) {
  const [byRange, setByRange] = useState(Boolean(filter.from || filter.below));
  const [id, setId] = useState('');
  const index = indexes.find(({name}) => name === filter.index);
  const chooseIndex = (name: string | null) =>
    onChange({index: name ?? undefined, equal: undefined, from: undefined, below: undefined});
  const chooseWay = (way: string) => {
    setByRange(way === 'range');
    onChange({equal: undefined, from: undefined, below: undefined});
  };
  return (
    <FilterBar>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim()) onOpen(id.trim());
        }}
      >
        <TextInput
          size="xs"
          aria-label="Open the document with this id"
          placeholder="Open by id ⏎"
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          w={180}
        />
      </form>
      {indexes.length > 0 && (
        <Select
          size="xs"
          aria-label="Index"
          placeholder="By id (no index)"
          data={indexes.map(({name, unique}) => ({value: name, label: unique ? `${name} (unique)` : name}))}
          value={filter.index ?? null}
          onChange={chooseIndex}
          clearable
          w={170}
        />
      )}
      {filter.index && (
        <>
          <SegmentedControl
            size="xs"
            aria-label="Compare"
            data={[
              {value: 'equal', label: 'Equal'},
              {value: 'range', label: 'Range'},
            ]}
            value={byRange ? 'range' : 'equal'}
            onChange={chooseWay}
          />
          {byRange ? (
            <>
              <ValueField label="From" value={filter.from} onChange={(from) => onChange({from})} />
              <ValueField label="Below" value={filter.below} onChange={(below) => onChange({below})} />
            </>
          ) : (
            <ValueField
              label={`Value of ${index?.members.join(', ') ?? filter.index}`}
              value={filter.equal}
              onChange={(equal) => onChange({equal})}
            />
          )}
        </>
      )}
      <SegmentedControl
        size="xs"
        aria-label="Order"
        data={[
          {value: 'ascending', label: 'Ascending'},
          {value: 'descending', label: 'Descending'},
        ]}
        value={filter.order === 'descending' ? 'descending' : 'ascending'}
        onChange={(order) => onChange({order: order === 'descending' ? order : undefined})}
      />
    </FilterBar>
  );
}

function ValueField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <SearchField
      label={label}
      value={value ?? ''}
      onSearch={(text) => onChange(text || undefined)}
      w={{base: '47%', sm: 170}}
    />
  );
}
