import {SegmentedControl, TextInput} from '@mantine/core';
import {useDebouncedCallback} from '@mantine/hooks';
import {useEffect, useState} from 'react';

import {FilterBar, SearchField} from '../../components/filter-bar';
import {timeOf, TIME_HINT, type EntryFilter} from './entry-filter';

interface EntryFilterBarProps {
  filter: EntryFilter;
  onChange: (change: EntryFilter) => void;
  past?: boolean; // of what was published, hence with an order and times
}

export function EntryFilterBar({filter, onChange, past}: EntryFilterBarProps) {
  const narrow = (name: keyof EntryFilter) => (text: string) => onChange({[name]: text || undefined});
  return (
    <FilterBar>
      <SearchField
        label="Text in any field"
        hotkey
        value={filter.text ?? ''}
        onSearch={narrow('text')}
        w={{base: '100%', sm: 170}}
      />
      <SearchField label="Key" value={filter.key ?? ''} onSearch={narrow('key')} w={{base: '47%', sm: 120}} />
      <SearchField label="Type" value={filter.type ?? ''} onSearch={narrow('type')} w={{base: '47%', sm: 105}} />
      {past && (
        <>
          <TimeField label="From" value={filter.from ?? ''} onChange={narrow('from')} />
          <TimeField label="To" value={filter.to ?? ''} onChange={narrow('to')} />
          <SegmentedControl
            size="xs"
            aria-label="Order"
            data={[
              {value: 'newest', label: 'Newest'},
              {value: 'oldest', label: 'Oldest'},
            ]}
            value={filter.order === 'oldest' ? 'oldest' : 'newest'}
            onChange={(order) => onChange({order: order === 'oldest' ? order : undefined})}
          />
        </>
      )}
    </FilterBar>
  );
}

const TYPING_MS = 400;

function TimeField({label, value, onChange}: {label: string; value: string; onChange: (text: string) => void}) {
  const [text, setText] = useState(value);
  const soon = useDebouncedCallback(onChange, TYPING_MS);
  useEffect(() => setText(value), [value]);
  const wrong = text.trim() !== '' && timeOf(text, 0) === undefined;
  return (
    <TextInput
      size="xs"
      w={{base: '47%', sm: 110}}
      aria-label={`${label}: a time`}
      placeholder={`${label}: 15m ago`}
      title={TIME_HINT}
      value={text}
      error={wrong && TIME_HINT}
      onChange={(event) => {
        setText(event.currentTarget.value);
        soon(event.currentTarget.value);
      }}
      onKeyDown={(event) => event.key === 'Enter' && onChange(text)}
    />
  );
}
