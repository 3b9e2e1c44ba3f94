import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function CollectionPage() {
  return (
    <Page title="Collection">
      <Loading label="Collection" />
    </Page>
  );
}
