import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function CollectionsPage() {
  return (
    <Page title="Documents">
      <Loading label="Documents" />
    </Page>
  );
}
