import {Kbd, Modal, Table} from '@mantine/core';

import {PAGES} from './pages';

const EVERYWHERE: [keys: string[], what: string][] = [
  [['Ctrl', 'K'], 'Search, or go to anything'],
  [['/'], 'Filter the list of this page'],
  [['↑', '↓'], 'Move in a list (also k and j)'],
  [['Enter'], 'Open what is current in a list'],
  [['Esc'], 'Close what is open'],
  [['?'], 'This list'],
];

export function ShortcutList({opened, onClose}: {opened: boolean; onClose: () => void}) {
  const rows = [...EVERYWHERE, ...PAGES.map(({key, label}): [string[], string] => [['g', key], `Go to ${label}`])];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <Table verticalSpacing={4} withRowBorders={false}>
        <Table.Tbody>
          {rows.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td w="8rem">
                {keys.map((key) => (
                  <Kbd key={key} size="sm" mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
