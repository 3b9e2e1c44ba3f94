import {Button} from '@mantine/core';
import {IconSparkles} from '@tabler/icons-react';
import {useState} from 'react';

import type {ProductInput} from '../../api/types';
import {notifyFailed} from '../../components/notify';
import {useCreateProduct} from '../../queries/mutations';

const SAMPLES: ProductInput[] = [
  {name: 'Brass desk lamp', price: 64, quantity_available: 7},
  {name: 'Enamel kettle', price: 39.95, quantity_available: 18},
  {name: 'Harbour mug', price: 12.5, quantity_available: 42},
  {name: 'Linen notebook', price: 8.9, quantity_available: 120},
  {name: 'Oak pencil tray', price: 23.4, quantity_available: 3},
  {name: 'Wool blanket', price: 89, quantity_available: 0},
];

export function AddSamplesButton() {
  const create = useCreateProduct({quietly: true});
  const [adding, setAdding] = useState(false);
  const addAll = async () => {
    setAdding(true);
    try {
      for (const sample of SAMPLES) await create.mutateAsync(sample);
    } catch (error) {
      notifyFailed('The samples were not added', error);
    } finally {
      setAdding(false);
    }
  };
  return (
    <Button
      variant="default"
      leftSection={<IconSparkles size={16} aria-hidden />}
      loading={adding}
      onClick={() => void addAll()}
    >
      Add samples
    </Button>
  );
}
