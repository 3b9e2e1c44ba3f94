import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function TopicsPage() {
  return (
    <Page title="Topics">
      <Loading label="Topics" />
    </Page>
  );
}
