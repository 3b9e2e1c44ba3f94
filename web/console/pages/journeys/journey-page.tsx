import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function JourneyPage() {
  return (
    <Page title="Journey">
      <Loading label="Journey" />
    </Page>
  );
}
