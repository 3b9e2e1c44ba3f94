import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function GroupsPage() {
  return (
    <Page title="Groups">
      <Loading label="Groups" />
    </Page>
  );
}
