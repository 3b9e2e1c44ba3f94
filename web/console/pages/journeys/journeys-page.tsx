import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function JourneysPage() {
  return (
    <Page title="Journeys">
      <Loading label="Journeys" />
    </Page>
  );
}
