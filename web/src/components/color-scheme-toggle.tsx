import {ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme} from '@mantine/core';
import {IconMoon, IconSun} from '@tabler/icons-react';

export function ColorSchemeToggle() {
  const {setColorScheme} = useMantineColorScheme();
  const next = useComputedColorScheme('light', {getInitialValueInEffect: false}) === 'dark' ? 'light' : 'dark';
  const label = `Switch to the ${next} colours`;
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" onClick={() => setColorScheme(next)} aria-label={label}>
        {next === 'dark' ? <IconMoon size={18} stroke={1.7} /> : <IconSun size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}
