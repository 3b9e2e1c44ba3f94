import {Page} from '../../components/page';
import {Loading} from '../../components/states';

export function MapPage() {
  return (
    <Page title="Map">
      <Loading label="Map" />
    </Page>
  );
}
