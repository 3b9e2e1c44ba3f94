import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function HealthPage() {
  return (
    <Page title="Health">
      <Loading label="Health" />
    </Page>
  );
}
