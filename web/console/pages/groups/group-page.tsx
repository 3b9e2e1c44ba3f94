import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function GroupPage() {
  return (
    <Page title="Group">
      <Loading label="Group" />
    </Page>
  );
}
