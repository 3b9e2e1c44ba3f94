import {TextInput} from '@mantine/core';
import {useDebouncedCallback} from '@mantine/hooks';
import {IconSearch} from '@tabler/icons-react';
import {useState} from 'react';

const PAUSE_MS = 250; // after the last letter

interface SearchFieldProps {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

// Tells of what is searched once the person stops typing, and at Enter.
export function SearchField({label, value, onSearch}: SearchFieldProps) {
  const [shown, setShown] = useState({value, text: value});
  if (shown.value !== value) setShown({value, text: value}); // it was changed from outside: back, or cleared
  const tell = useDebouncedCallback(onSearch, PAUSE_MS);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={{base: '100%', xs: 280}}
      value={shown.text}
      onChange={({currentTarget}) => {
        setShown({value, text: currentTarget.value});
        tell(currentTarget.value.trim());
      }}
      onKeyDown={({key}) => {
        if (key === 'Enter') onSearch(shown.text.trim());
      }}
    />
  );
}
